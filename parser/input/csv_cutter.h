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
  // The index of the column AuditData. It is kNone if the row itself is the record, as in
  // OfficeActivity.
  size_t audit_data = kNone;
};

// Cuts a CSV into records. The CSV comes either from a unified audit log search, whose records are
// in the column AuditData, or from Sentinel's table OfficeActivity. If AuditData is the only
// column, its cell is returned. Otherwise, the row is returned as a JSON object that maps column
// names to cells, and Unwrapper (parser/input/unwrapper.h) converts this object into a record.
// Failure: if the quotes of a row are wrong, the first line of the row is returned as damaged, and
// the next line is read as a new row.
class CsvCutter final : public RecordCutter {
 public:
  CsvCutter(InputWindow& window, CsvHeader header);

  // Accepts a file whose first line is a header with AuditData, or with OfficeWorkload and
  // Operation. Consumes that line. A preceding #TYPE line is consumed even if the file is not
  // accepted, because no record begins with #TYPE.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);

  std::optional<CutRecord> Next() override;

 private:
  // Consumes a row of this size and returns its record. Returns nullopt for an empty row or a
  // repeated header.
  std::optional<CutRecord> ConsumeRow(size_t size);
  CutRecord ConsumeDamaged(size_t size, std::string_view damage, std::string_view what);
  std::string_view Consume(size_t size);

  // `row` is the last row of a file that does not end with a line break. Returns true if a quote is
  // open at the end of the row. Otherwise, the row is complete.
  bool EndsInsideQuotes(std::string_view row) const;
  bool IsRepeatedHeader() const;
  // Returns true if the cell is a single JSON value. The value may span several lines.
  bool IsOneJsonValue(std::string_view cell);
  // Returns a JSON object of the non-empty cells, with `record` as the value of AuditData.
  std::string_view RowAsObject(std::string_view record);

  const CsvHeader header_;
  std::string object_;
  bool too_large_ = false;  // if true, ignore quotes and end the row at the next line break
  uint64_t line_ = 1;       // consumed lines, including the header
  std::vector<std::string> fields_;
  JsonEndFinder end_finder_;
};

}  // namespace picket::parser
