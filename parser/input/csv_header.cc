#include "parser/input/csv_header.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "json/json_end_finder.h"
#include "json/json_members.h"
#include "parser/input/flattened_record.h"

namespace picket::parser {
namespace {

constexpr size_t kMostTitleLines = 20;
constexpr std::string_view kDelimiters = ",;\t|";

// The columns that may contain the whole record. Only the first two certainly contain it.
constexpr std::string_view kRecordColumns[] = {
    "AuditData", "RawEventData", "_raw", "event.original", "o365audit", "message", "full_message",
    "original",  "log",          "raw"};
constexpr size_t kSureRecordColumns = 2;

constexpr std::string_view kTimeColumns[] = {"CreationTime", "CreationDate", "CreatedDateTime",
                                             "TimeGenerated", "TimeGenerated [UTC]"};

std::string_view WithoutQuotes(std::string_view line) {
  if (line.size() >= 2 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  return line;
}

// Returns the delimiter of Excel's line "sep=;", or 0.
char SeparatorLine(std::string_view line) {
  line = WithoutQuotes(line);
  const bool is_one = line.size() == 5 && EqualsIgnoreCase(line.substr(0, 4), "sep=");
  return is_one ? line[4] : '\0';
}

// Returns true if the quotes inside quoted fields are escaped with backslashes. Only a field with
// JSON shows this, because the first quote in it follows a bracket.
bool HasBackslashes(std::string_view text) {
  for (size_t at = text.find("\"{"); at != std::string_view::npos; at = text.find("\"{", at + 1)) {
    const std::string_view next = text.substr(at + 2, 2);
    if (next == "\\\"") return true;
    if (next == "\"\"") return false;
  }
  const size_t list = text.find("\"[{\\\"");
  return list != std::string_view::npos;
}

bool IsRecord(std::string_view cell) {
  cell = TrimBlanks(cell);
  if (!cell.starts_with("{") || !JsonEndFinder().IsOneValue(cell)) return false;
  for (JsonMembers members(cell); members.Next();) {
    if (EqualsIgnoreCase(members.name(), "Operation")) return true;
  }
  return false;
}

// Looks for the header, or a first row with a record, at the beginning of `text`.
class HeaderFinder {
 public:
  HeaderFinder(std::string_view text, bool is_all) : text_(text), is_all_(is_all) {
    const size_t end = text.find_first_of("\r\n");
    dialect_.ends_with_cr =
        end != std::string_view::npos && text[end] == '\r' && text.substr(end + 1, 1) != "\n";
    dialect_.has_backslashes = HasBackslashes(text);
  }

  std::optional<CsvHeader> Find() {
    size_t at = 0;
    char separator = '\0';
    for (size_t lines = 0; lines < kMostTitleLines && at < text_.size(); ++lines) {
      const std::string_view rest = text_.substr(at);
      const std::string_view line = FirstCsvLine(rest, dialect_);
      const size_t size = std::min(line.size() + 1, rest.size());
      const std::string_view trimmed = TrimBlanks(line);
      if (const char named = SeparatorLine(trimmed); named != '\0') {
        separator = named;
      } else if (!trimmed.empty() && !trimmed.starts_with("#TYPE")) {
        if (std::optional<CsvHeader> header = ReadHeader(rest, line, separator)) {
          header->size = at + (header->size > 0 ? size : 0);
          return header;
        }
      }
      at += size;
    }
    return std::nullopt;
  }

 private:
  std::optional<CsvHeader> ReadHeader(std::string_view rest, std::string_view line,
                                      char separator) const {
    const std::string_view delimiters =
        separator != '\0' ? std::string_view(&separator, 1) : kDelimiters;
    CsvHeader header;
    header.dialect = dialect_;
    for (const char delimiter : delimiters) {
      header.dialect.delimiter = delimiter;
      std::vector<std::string> names;
      SplitCsvRow(TrimBlanks(line), header.dialect, names);
      for (std::string& name : names) name = std::string(TrimBlanks(name));
      header.names = names;
      if (!AcceptColumns(names, header)) continue;
      const std::string_view rows = rest.substr(std::min(line.size() + 1, rest.size()));
      const std::optional<std::vector<std::string>> first = FirstRow(rows, header.dialect);
      if (!first.has_value()) return std::nullopt;
      if (header.record_column != CsvHeader::kNone && !header.is_sure) {
        const bool has_record = header.record_column < first->size() &&
                                TrimBlanks((*first)[header.record_column]).starts_with("{");
        if (!has_record && !header.has_fields) continue;
        if (!has_record) header.record_column = CsvHeader::kNone;
      }
      header.size = 1;  // the caller adds the size of the line
      return header;
    }
    for (const char delimiter : delimiters) {
      header.dialect.delimiter = delimiter;
      if (ReadFirstRecord(rest, header)) return header;
    }
    return std::nullopt;
  }

  // Returns the fields of the first row, or nullopt if it may be incomplete.
  std::optional<std::vector<std::string>> FirstRow(std::string_view text,
                                                   const CsvDialect& dialect) const {
    while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
    const CsvRowEnd end = FindCsvRowEnd(text, dialect);
    if (end.kind == CsvRowEnd::Kind::kUnfinished && !is_all_) return std::nullopt;
    std::vector<std::string> fields;
    SplitCsvRow(TrimBlanks(text.substr(0, end.position)), dialect, fields);
    return fields;
  }

  // Accepts a CSV without header if its first row contains a record beside other columns.
  bool ReadFirstRecord(std::string_view text, CsvHeader& header) const {
    const std::optional<std::vector<std::string>> row = FirstRow(text, header.dialect);
    if (!row.has_value() || row->size() < 2) return false;
    const std::vector<std::string>& fields = *row;
    const auto found = std::find_if(fields.begin(), fields.end(), IsRecord);
    if (found == fields.end()) return false;
    header.names.clear();
    for (size_t i = 0; i < fields.size(); ++i) {
      header.names.push_back(absl::StrCat("column ", i + 1));
    }
    header.record_column = found - fields.begin();
    header.names[header.record_column] = "AuditData";
    header.is_sure = true;
    header.size = 0;
    return true;
  }

  const std::string_view text_;
  const bool is_all_;
  CsvDialect dialect_;
};

}  // namespace

bool AcceptColumns(const std::vector<std::string>& names, CsvHeader& header) {
  header.record_column = CsvHeader::kNone;
  header.is_sure = false;
  const auto index_of = [&](std::string_view name) {
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& one) {
      return EqualsIgnoreCase(WithoutAuditDataPrefix(one), name);
    });
    return found == names.end() ? CsvHeader::kNone : static_cast<size_t>(found - names.begin());
  };
  for (size_t i = 0; i < std::size(kRecordColumns) && header.record_column == CsvHeader::kNone;
       ++i) {
    header.record_column = index_of(kRecordColumns[i]);
    header.is_sure = header.record_column != CsvHeader::kNone && i < kSureRecordColumns;
  }
  const bool has_operation =
      index_of("Operation") != CsvHeader::kNone || index_of("Operations") != CsvHeader::kNone;
  const bool is_sentinel = index_of("OfficeWorkload") != CsvHeader::kNone;
  bool has_time = is_sentinel;
  for (const std::string_view time : kTimeColumns) has_time |= index_of(time) != CsvHeader::kNone;
  header.has_fields = has_operation && has_time;
  header.is_flattened = header.has_fields && !is_sentinel;
  return header.has_fields || header.record_column != CsvHeader::kNone;
}

std::optional<CsvHeader> FindCsvHeader(std::string_view text, bool is_all) {
  return HeaderFinder(text, is_all).Find();
}

}  // namespace picket::parser
