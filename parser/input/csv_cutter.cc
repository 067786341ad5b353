#include "parser/input/csv_cutter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "parser/input/csv_row.h"
#include "parser/input/flattened_record.h"

namespace picket::parser {
namespace {

constexpr std::string_view kAuditData = "AuditData";

uint64_t CountLines(std::string_view text, const CsvDialect& dialect) {
  return std::count(text.begin(), text.end(), dialect.ends_with_cr ? '\r' : '\n');
}

}  // namespace

CsvCutter::CsvCutter(InputWindow& window, CsvHeader header)
    : RecordCutter(window), header_(std::move(header)) {
  line_ = CountLines(window.Consume(header_.size), header_.dialect);
  // A header at the end of the file has no line break.
  if (line_ == 0 && header_.size > 0) line_ = 1;
}

std::unique_ptr<RecordCutter> CsvCutter::Detect(InputWindow& window) {
  // A pipe may wait for its writer, so this loop reads no more than it needs.
  std::optional<CsvHeader> header;
  while (true) {
    const std::string_view start = window.Rest().substr(0, kDetectionBytes);
    const bool is_all = window.at_end() || start.size() == kDetectionBytes;
    header = FindCsvHeader(start, is_all);
    if (header.has_value()) break;
    if (start.size() == kDetectionBytes || window.at_end()) return nullptr;
    window.Fill();
  }
  return std::make_unique<CsvCutter>(window, *std::move(header));
}

std::optional<CutRecord> CsvCutter::Next() {
  const CsvDialect& dialect = header_.dialect;
  while (true) {
    const std::string_view rest = window_.Rest();
    const CsvRowEnd end = FindCsvRowEnd(rest, dialect);
    const bool is_unfinished = end.kind == CsvRowEnd::Kind::kUnfinished;
    const bool may_grow = !window_.at_end() && rest.size() < kLargestInputRecord;
    if (is_unfinished && may_grow) {
      window_.Fill();
      continue;
    }
    if (is_unfinished && !window_.at_end()) too_large_ = true;
    const std::string_view line = FirstCsvLine(rest, dialect);
    const bool has_line_end = line.size() < rest.size();
    const size_t line_size = line.size() + (has_line_end ? 1 : 0);
    if (too_large_) {
      if (!has_line_end && may_grow) {
        window_.Fill();
        continue;
      }
      if (!has_line_end && !window_.at_end()) return ConsumePart(line_size);
      too_large_ = false;
      return ConsumeLastPart(line_size);
    }
    if (rest.empty()) return std::nullopt;
    const bool has_bad_quotes = end.kind == CsvRowEnd::Kind::kBadQuotes;
    if (has_bad_quotes || (is_unfinished && EndsInsideQuotes(rest))) {
      // The cutter cannot find the end of the row, so it returns only the first line of the row as
      // damaged.
      if (!has_line_end && may_grow) {
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
  if (!row.empty()) SplitCsvRow(row, header_.dialect, fields_);
  if (row.empty() || IsRepeatedHeader()) {
    Consume(size);
    return std::nullopt;
  }
  CutRecord cut;
  cut.offset = window_.offset();
  if (header_.record_column == CsvHeader::kNone) {
    cut.bytes = RowAsObject({});
  } else {
    const std::string& column = header_.names[header_.record_column];
    const bool has_cell = header_.record_column < fields_.size();
    const std::string_view record =
        has_cell ? TrimBlanks(fields_[header_.record_column]) : std::string_view();
    if (record.empty()) {
      return ConsumeDamaged(size, damage::kNoAuditData,
                            absl::StrCat("its column ", column, " is empty"));
    }
    if (!IsOneJsonValue(record)) {
      return ConsumeDamaged(
          size, damage::kNotJson,
          absl::StrCat("its ", column, " is not JSON: brackets or quotes do not match"));
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
  line_ += CountLines(consumed, header_.dialect);
  return consumed;
}

bool CsvCutter::EndsInsideQuotes(std::string_view row) const {
  return FindCsvRowEnd(std::string(row) + "\n", header_.dialect).kind ==
         CsvRowEnd::Kind::kUnfinished;
}

bool CsvCutter::IsRepeatedHeader() const {
  const size_t column = header_.record_column;
  if (column != CsvHeader::kNone) {
    return column < fields_.size() &&
           EqualsIgnoreCase(TrimBlanks(fields_[column]), header_.names[column]);
  }
  return fields_.size() == header_.names.size() &&
         std::equal(fields_.begin(), fields_.end(), header_.names.begin(),
                    [](const std::string& field, const std::string& name) {
                      return TrimBlanks(field) == name;
                    });
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
  const bool is_in_row_member = header_.record_column == CsvHeader::kNone && header_.is_flattened;
  if (is_in_row_member) json.Key(kRowMember).BeginObject();
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].empty()) continue;
    if (i >= header_.names.size()) {
      json.Key(absl::StrCat("column ", i + 1)).Value(fields_[i]);
    } else if (i == header_.record_column) {
      const std::string& name = header_.names[i];
      json.Key(EqualsIgnoreCase(name, kAuditData) ? kAuditData : std::string_view(name))
          .Raw(record);
    } else {
      json.Key(header_.names[i]).Value(fields_[i]);
    }
  }
  if (is_in_row_member) json.EndObject();
  json.EndObject();
  return object_;
}

}  // namespace picket::parser
