#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_end_finder.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

// The columns of a CSV of audit records.
struct CsvHeader {
  static constexpr size_t kNone = static_cast<size_t>(-1);
  char delimiter;
  std::vector<std::string> names;
  // The column AuditData; kNone: the row itself is the record, as in OfficeActivity.
  size_t audit_data = kNone;
};

// The CSV of a unified audit log search, whose records are in the column AuditData, or of Sentinel's
// table OfficeActivity. A row that has more than the record is returned as a JSON object of its
// cells by column name, for Unwrapper.
// Failure: a row with wrong quotes costs its first line; the next line is taken as a row again.
class CsvCutter final : public RecordCutter {
 public:
  CsvCutter(InputWindow& window, CsvHeader header);

  // The first line is a header with AuditData, or with OfficeWorkload and Operation; it is consumed.
  // A line with #TYPE before it is consumed in any case, as no record begins with it.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);

  std::optional<CutRecord> Next() override;

 private:
  // The record in the row of this size; nullopt for an empty row and for a repeated header.
  std::optional<CutRecord> ConsumeRow(size_t size);
  CutRecord ConsumeDamaged(size_t size, std::string_view damage, std::string_view what);
  std::string_view Consume(size_t size);

  // Whether a quote is open at the end of the file. Otherwise the last row only lacks its line
  // break.
  bool EndsInsideQuotes(std::string_view row) const;
  bool IsRepeatedHeader() const;
  // A cell may contain JSON that is spread over several lines.
  bool IsOneJsonValue(std::string_view cell);
  // A JSON object of the cells that are not empty, with `record` as the value of AuditData.
  std::string_view RowAsObject(std::string_view record);

  const CsvHeader header_;
  std::string object_;
  bool too_large_ = false;  // quotes are not followed: the row ends with its line
  uint64_t line_ = 1;       // lines consumed; the header is the first
  std::vector<std::string> fields_;
  JsonEndFinder end_finder_;
};

}  // namespace picket::parser
