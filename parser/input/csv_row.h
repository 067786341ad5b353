#pragma once

// Finds and splits rows of CSV (RFC 4180) and of its dialects.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace picket::parser {

struct CsvDialect {
  char delimiter = ',';
  // True if a quote inside a quoted field is written as \" instead of "" (Spark, MySQL).
  bool has_backslashes = false;
  // True if CR alone ends a row (Excel for Mac). Otherwise CR is part of a line break or of a
  // field.
  bool ends_with_cr = false;

  bool IsRowEnd(char c) const { return c == '\n' || (ends_with_cr && c == '\r'); }
};

// The end of the first row of a text, or the position where the quoting of that row is wrong.
struct CsvRowEnd {
  enum class Kind {
    kUnfinished,
    kRow,
    kBadQuotes,
  };
  Kind kind;
  // The position of the line break, or of the byte that must not follow a closing quote, or the end
  // of the unfinished row.
  size_t position;
};
CsvRowEnd FindCsvRowEnd(std::string_view text, const CsvDialect& dialect);

// Splits a whole row into its fields and removes their quotes.
void SplitCsvRow(std::string_view row, const CsvDialect& dialect, std::vector<std::string>& fields);

// Returns the first line, without its line break.
std::string_view FirstCsvLine(std::string_view text, const CsvDialect& dialect);

}  // namespace picket::parser
