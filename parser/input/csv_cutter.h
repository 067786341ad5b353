#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_end_finder.h"
#include "parser/input/csv_header.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

// Cuts a CSV into records. The record is in one column, such as AuditData of a unified audit log
// search, or the columns are its fields, as in Sentinel's table OfficeActivity and in flattened
// exports. A row is returned as a JSON object that maps column names to cells, and Unwrapper
// (parser/input/unwrapper.h) converts this object into a record. If the column with the record is
// the only column, its cell is returned.
// Failure: if the quotes of a row are wrong, the first line of the row is returned as damaged, and
// the next line is read as a new row.
class CsvCutter final : public RecordCutter {
 public:
  CsvCutter(InputWindow& window, CsvHeader header);

  // Accepts a file in which FindCsvHeader finds a header, and consumes what precedes the rows.
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
  // Returns a JSON object of the non-empty cells, with `record` as the value of the record column.
  std::string_view RowAsObject(std::string_view record);

  const CsvHeader header_;
  std::string object_;
  bool too_large_ = false;  // if true, ignore quotes and end the row at the next line break
  uint64_t line_;           // consumed lines, including those before the first row
  std::vector<std::string> fields_;
  JsonEndFinder end_finder_;
};

}  // namespace picket::parser
