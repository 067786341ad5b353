#include "parser/input/csv_row.h"

#include <algorithm>

namespace picket::parser {

CsvRowEnd FindCsvRowEnd(std::string_view text, char delimiter) {
  size_t i = 0;
  while (true) {  // one field per iteration
    if (i < text.size() && text[i] == '"') {
      for (++i;; ++i) {
        i = text.find('"', i);
        if (i == std::string_view::npos || i + 1 == text.size()) {
          return {CsvRowEnd::Kind::kUnfinished, text.size()};
        }
        if (text[++i] != '"') break;
      }
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      if (text[i] == '\n') return {CsvRowEnd::Kind::kRow, i};
      if (text[i] == '\r' && i + 1 == text.size()) return {CsvRowEnd::Kind::kUnfinished, i};
      if (text[i] != delimiter) return {CsvRowEnd::Kind::kBadQuotes, i};
      ++i;
      continue;
    }
    while (i < text.size() && text[i] != delimiter && text[i] != '\n') ++i;
    if (i == text.size()) return {CsvRowEnd::Kind::kUnfinished, i};
    if (text[i] == '\n') return {CsvRowEnd::Kind::kRow, i};
    ++i;
  }
}

void SplitCsvRow(std::string_view row, char delimiter, std::vector<std::string>& fields) {
  size_t count = 0;
  size_t i = 0;
  while (true) {
    if (fields.size() == count) fields.emplace_back();
    std::string& field = fields[count++];
    field.clear();
    if (i < row.size() && row[i] == '"') {
      ++i;
      while (i < row.size()) {
        const size_t quote = std::min(row.find('"', i), row.size());
        field.append(row.substr(i, quote - i));
        i = quote + 1;
        if (i >= row.size() || row[i] != '"') break;
        field.push_back('"');
        ++i;
      }
      i = std::min(i, row.size());
    }
    const size_t end = std::min(row.find(delimiter, i), row.size());
    field.append(row.substr(i, end - i));
    if (end == row.size()) break;
    i = end + 1;
  }
  fields.resize(count);
}

}  // namespace picket::parser
