#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/input/csv_row.h"

namespace picket::parser {

// The columns of a CSV of audit records.
struct CsvHeader {
  static constexpr size_t kNone = static_cast<size_t>(-1);

  CsvDialect dialect;
  std::vector<std::string> names;
  // The index of the column that contains the record as JSON, such as AuditData. It is kNone if the
  // row itself is the record, as in OfficeActivity.
  size_t record_column = kNone;
  // True if the record column is certain, as AuditData is.
  bool is_sure = false;
  // True if the columns are the fields of a record.
  bool has_fields = false;
  // True if these fields have the names of a record, and not those of OfficeActivity.
  bool is_flattened = false;
  // The number of bytes before the first row. They contain the header, and what Excel and
  // PowerShell write before it.
  size_t size = 0;
};

// Finds the header of a CSV at the beginning of a text. It may follow the line "#TYPE …" of
// PowerShell, the line "sep=;" of Excel, and title lines. If the first row contains a record
// instead of names, the columns get names such as "column 1". The delimiter is one of , ; tab |, or
// the one of the line "sep=". Returns nullopt if the text is not a CSV of audit records, or if the
// first row is not complete, because only this row shows how quotes are escaped. `is_all` is true
// if no more text will follow. In this case, the first row may be incomplete.
std::optional<CsvHeader> FindCsvHeader(std::string_view text, bool is_all);

// Returns true if these columns contain the fields of a record, or the record itself. Sets
// `record_column`, `is_sure`, `has_fields` and `is_flattened` of `header`.
bool AcceptColumns(const std::vector<std::string>& names, CsvHeader& header);

}  // namespace picket::parser
