#include "parser/input/csv_row.h"

#include <algorithm>

namespace picket::parser {

CsvRowEnd FindCsvRowEnd(std::string_view text, const CsvDialect& dialect) {
  // The bytes at which a quoted field may end or continue in another way.
  const std::string_view stops = dialect.has_backslashes ? "\"\\" : "\"";
  size_t i = 0;
  while (true) {  // one field per iteration
    if (i < text.size() && text[i] == '"') {
      for (++i;; ++i) {
        i = dialect.has_backslashes ? text.find_first_of(stops, i) : text.find('"', i);
        if (i == std::string_view::npos || i + 1 >= text.size()) {
          return {CsvRowEnd::Kind::kUnfinished, text.size()};
        }
        if (text[i] == '\\') {
          ++i;
          continue;
        }
        if (text[++i] != '"') break;
      }
      if (dialect.IsRowEnd(text[i])) return {CsvRowEnd::Kind::kRow, i};
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      if (text[i] == '\n') return {CsvRowEnd::Kind::kRow, i};
      if (text[i] == '\r' && i + 1 == text.size()) return {CsvRowEnd::Kind::kUnfinished, i};
      if (text[i] != dialect.delimiter) return {CsvRowEnd::Kind::kBadQuotes, i};
      ++i;
      continue;
    }
    while (i < text.size() && text[i] != dialect.delimiter && !dialect.IsRowEnd(text[i])) ++i;
    if (i == text.size()) return {CsvRowEnd::Kind::kUnfinished, i};
    if (dialect.IsRowEnd(text[i])) return {CsvRowEnd::Kind::kRow, i};
    ++i;
  }
}

void SplitCsvRow(std::string_view row, const CsvDialect& dialect,
                 std::vector<std::string>& fields) {
  const std::string_view stops = dialect.has_backslashes ? "\"\\" : "\"";
  size_t count = 0;
  size_t i = 0;
  while (true) {
    if (fields.size() == count) fields.emplace_back();
    std::string& field = fields[count++];
    field.clear();
    if (i < row.size() && row[i] == '"') {
      ++i;
      while (i < row.size()) {
        const size_t stop = std::min(row.find_first_of(stops, i), row.size());
        field.append(row.substr(i, stop - i));
        i = stop + 1;
        if (stop < row.size() && row[stop] == '\\') {
          // Only quotes and backslashes are escaped. Another backslash belongs to the text.
          const bool is_escape = i < row.size() && (row[i] == '"' || row[i] == '\\');
          field.push_back(is_escape ? row[i] : '\\');
          i += is_escape ? 1 : 0;
          continue;
        }
        if (i >= row.size() || row[i] != '"') break;
        field.push_back('"');
        ++i;
      }
      i = std::min(i, row.size());
    }
    const size_t end = std::min(row.find(dialect.delimiter, i), row.size());
    field.append(row.substr(i, end - i));
    if (end == row.size()) break;
    i = end + 1;
  }
  fields.resize(count);
}

std::string_view FirstCsvLine(std::string_view text, const CsvDialect& dialect) {
  return text.substr(0, dialect.ends_with_cr ? text.find_first_of("\r\n") : text.find('\n'));
}

}  // namespace picket::parser
