#include "parser/input/csv_cutter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "parser/input/csv_row.h"

namespace picket::parser {
namespace {

constexpr std::string_view kAuditData = "AuditData";

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

// Returns the columns of a CSV of audit records. Returns nullopt if the line is not the header of
// such a CSV.
std::optional<CsvHeader> ReadHeader(std::string_view line) {
  CsvHeader header;
  for (const char delimiter : {',', ';', '\t'}) {
    header.delimiter = delimiter;
    SplitCsvRow(line, delimiter, header.names);
    bool has_workload = false;
    bool has_operation = false;
    for (size_t i = 0; i < header.names.size(); ++i) {
      const std::string_view name = TrimBlanks(header.names[i]);
      if (EqualsIgnoreCase(name, kAuditData)) header.audit_data = i;
      has_workload |= name == "OfficeWorkload";
      has_operation |= name == "Operation";
    }
    if (header.audit_data != CsvHeader::kNone || (has_workload && has_operation)) return header;
  }
  return std::nullopt;
}

}  // namespace

CsvCutter::CsvCutter(InputWindow& window, CsvHeader header)
    : RecordCutter(window), header_(std::move(header)) {}

std::unique_ptr<RecordCutter> CsvCutter::Detect(InputWindow& window) {
  // PowerShell writes the type of its objects before the header.
  if (window.Rest().substr(0, 5) == "#TYPE") window.Consume(FirstLine(window.Rest()).size() + 1);
  const std::string_view line = FirstLine(window.Rest());
  std::optional<CsvHeader> header = ReadHeader(TrimBlanks(line));
  if (!header.has_value()) return nullptr;
  window.Consume(line.size() + 1);
  return std::make_unique<CsvCutter>(window, *std::move(header));
}

std::optional<CutRecord> CsvCutter::Next() {
  while (true) {
    const std::string_view rest = window_.Rest();
    const CsvRowEnd end = FindCsvRowEnd(rest, header_.delimiter);
    const bool is_unfinished = end.kind == CsvRowEnd::Kind::kUnfinished;
    const bool may_grow = !window_.at_end() && rest.size() < kLargestInputRecord;
    if (is_unfinished && may_grow) {
      window_.Fill();
      continue;
    }
    if (is_unfinished && !window_.at_end()) too_large_ = true;
    const size_t newline = rest.find('\n');
    const size_t line_size = newline == std::string_view::npos ? rest.size() : newline + 1;
    if (too_large_) {
      if (newline == std::string_view::npos && may_grow) {
        window_.Fill();
        continue;
      }
      if (newline == std::string_view::npos && !window_.at_end()) return ConsumePart(line_size);
      too_large_ = false;
      return ConsumeLastPart(line_size);
    }
    if (rest.empty()) return std::nullopt;
    const bool has_bad_quotes = end.kind == CsvRowEnd::Kind::kBadQuotes;
    if (has_bad_quotes || (is_unfinished && EndsInsideQuotes(rest))) {
      // The end of the row cannot be found, so only the first line of the row is returned as
      // damaged.
      if (newline == std::string_view::npos && may_grow) {
        window_.Fill();
        continue;
      }
      return ConsumeDamaged(
          line_size, damage::kNotJson,
          has_bad_quotes ? "its quotes do not match" : "its quotes are never closed");
    }
    std::optional<CutRecord> record = ConsumeRow(is_unfinished ? rest.size() : end.position + 1);
    if (record.has_value()) return record;
  }
}

std::optional<CutRecord> CsvCutter::ConsumeRow(size_t size) {
  const std::string_view row = TrimBlanks(window_.Rest().substr(0, size));
  if (!row.empty()) SplitCsvRow(row, header_.delimiter, fields_);
  if (row.empty() || IsRepeatedHeader()) {
    Consume(size);
    return std::nullopt;
  }
  CutRecord cut;
  cut.offset = window_.offset();
  if (header_.audit_data == CsvHeader::kNone) {
    cut.bytes = RowAsObject({});
  } else {
    if (fields_.size() <= header_.audit_data || TrimBlanks(fields_[header_.audit_data]).empty()) {
      return ConsumeDamaged(size, damage::kNoAuditData, "its column AuditData is empty");
    }
    const std::string_view record = TrimBlanks(fields_[header_.audit_data]);
    if (!IsOneJsonValue(record)) {
      return ConsumeDamaged(size, damage::kNotJson,
                            "its AuditData is not JSON: brackets or quotes do not match");
    }
    cut.alone = record.front() != '{';
    cut.bytes = cut.alone || header_.names.size() == 1 ? record : RowAsObject(record);
  }
  Consume(size);
  return cut;
}

CutRecord CsvCutter::ConsumeDamaged(size_t size, std::string_view damage, std::string_view what) {
  const uint64_t line = line_ + 1;
  const uint64_t begin = window_.offset();
  const std::string_view row = TrimBlanks(Consume(size));
  return CutRecord::Damaged(
      row, begin, damage,
      absl::StrCat("the row at line ", line, " contains no record: ", ToAbsl(what)));
}

std::string_view CsvCutter::Consume(size_t size) {
  const std::string_view consumed = window_.Consume(size);
  line_ += std::count(consumed.begin(), consumed.end(), '\n');
  return consumed;
}

bool CsvCutter::EndsInsideQuotes(std::string_view row) const {
  return FindCsvRowEnd(std::string(row) + "\n", header_.delimiter).kind ==
         CsvRowEnd::Kind::kUnfinished;
}

bool CsvCutter::IsRepeatedHeader() const {
  if (header_.audit_data != CsvHeader::kNone) {
    return header_.audit_data < fields_.size() &&
           EqualsIgnoreCase(TrimBlanks(fields_[header_.audit_data]), kAuditData);
  }
  return fields_ == header_.names;
}

bool CsvCutter::IsOneJsonValue(std::string_view cell) {
  if (cell.find('\n') == std::string_view::npos) return end_finder_.IsOneValue(cell);
  std::string one_line(cell);
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  return end_finder_.IsOneValue(one_line);
}

std::string_view CsvCutter::RowAsObject(std::string_view record) {
  object_.clear();
  JsonWriter json(&object_);
  json.BeginObject();
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].empty()) continue;
    if (i >= header_.names.size()) {
      json.Key(absl::StrCat("column ", i + 1)).Value(fields_[i]);
    } else if (i == header_.audit_data) {
      json.Key(kAuditData).Raw(record);
    } else {
      json.Key(TrimBlanks(header_.names[i])).Value(fields_[i]);
    }
  }
  json.EndObject();
  return object_;
}

}  // namespace picket::parser
