#pragma once

// Restores records whose lists and objects an export has flattened: rows whose columns are the
// record's fields, parameters as members Param_<name>, and objects that PowerShell has written as
// text.

#include <string_view>

#include "parser/input/native_record_writer.h"

namespace picket::parser {

// The member in which CsvCutter and TablesCutter put a row whose columns are the record's fields.
inline constexpr std::string_view kRowMember = "picket.row";

// Returns the part of the name after a prefix such as "AuditData.", with which some exports name
// the fields of a record. Returns the whole name if it has no such prefix.
std::string_view WithoutAuditDataPrefix(std::string_view name);

// Writes the record of a flattened object:
//   Param_ForwardTo, Parameters.ForwardTo   become a pair of Parameters
//   Item.Subject                            becomes a member of the documented object Item
//   "[{\"Name\":…}]" and "@{Name=…; …}"     become a list where one is documented
//   CreationDate, UserIds, Operations, …    get their native names
//   quoted numbers, booleans, types         get their documented types
//   empty columns                           are left out
// Returns true if the object contains text of PowerShell in place of a list or an object. What such
// a text contained is then incomplete, or ambiguous because PowerShell does not escape values.
bool PutFlattened(std::string_view object, NativeRecordWriter& writer);

}  // namespace picket::parser
