#pragma once

// Rows of CSV (RFC 4180).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace picket::parser {

// Where the first row of a text ends, or where its quoting is wrong.
struct CsvRowEnd {
  enum class Kind {
    kUnfinished,
    kRow,
    kBadQuotes,
  };
  Kind kind;
  size_t position;  // of the line break, or of the byte that must not follow a closing quote
};
CsvRowEnd FindCsvRowEnd(std::string_view text, char delimiter);

// Splits a whole row into its fields, without their quotes.
void SplitCsvRow(std::string_view row, char delimiter, std::vector<std::string>& fields);

}  // namespace picket::parser
