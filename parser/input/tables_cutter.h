#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "json/json_end_finder.h"
#include "parser/input/csv_header.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

// Cuts a response of Log Analytics or Azure Data Explorer:
//   {"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated",…},…],"rows":[[…],…]}]}
// Each row becomes an object as of a CSV (parser/input/csv_cutter.h). Tables without the columns of
// audit records, such as statistics, are left out.
// Failure: a row that is not a list with one value for each column is returned as damaged. It ends
// before the next list that is a row.
class TablesCutter final : public RecordCutter {
 public:
  using RecordCutter::RecordCutter;

  // Accepts a file that begins with such an object and has a table of audit records.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);

  std::optional<CutRecord> Next() override;
  bool is_cut_off() const override { return in_rows_; }

 private:
  // Continues at the first row of the next table of audit records. Returns false if there is none.
  bool EnterTable();
  CutRecord ConsumeRow(size_t size, bool is_damaged);
  // Writes the row to `object_`. Returns false if the row is not a list with one value for each
  // column.
  bool RowAsObject(std::string_view row);

  CsvHeader header_;
  bool in_rows_ = false;
  std::string object_;
  JsonEndFinder end_finder_;
};

}  // namespace picket::parser
