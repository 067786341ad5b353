#pragma once

// Finds and splits rows of CSV (RFC 4180).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace picket::parser {

// The end of the first row of a text, or the position where the quoting of that row is wrong.
struct CsvRowEnd {
  enum class Kind {
    kUnfinished,
    kRow,
    kBadQuotes,
  };
  Kind kind;
  // The position of the line break, or of the byte that must not follow a closing quote.
  size_t position;
};
CsvRowEnd FindCsvRowEnd(std::string_view text, char delimiter);

// Splits a whole row into its fields and removes their quotes.
void SplitCsvRow(std::string_view row, char delimiter, std::vector<std::string>& fields);

}  // namespace picket::parser
