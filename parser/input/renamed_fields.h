#pragma once

// Returns the native names of fields that other tools have renamed. A native name is the name in a
// record of the Management Activity API. To support a new column of an export, add a row to a table
// in renamed_fields.cc.

#include <string_view>

namespace picket::parser {

// Returns the native name of a field that Graph or the audit log search stores next to the record.
// Returns an empty view if the field has no native name.
std::string_view NativeOuterName(std::string_view name);

// Returns the native name of a column of Sentinel's table OfficeActivity if the column has a
// different name there. Returns an empty view for any other name.
std::string_view NativeSentinelName(std::string_view name);

// Returns the native name of a field that a wrapper or a row may rename, such as "UserId" for
// "userPrincipalName" or "ObjectId" for "OfficeObjectId". Returns an empty view for any other name.
std::string_view NativeName(std::string_view name);

// Returns true for a column that a Sentinel workspace adds to each of its tables. A workspace also
// adds columns that begin with '_', for which the function returns false.
bool IsWorkspaceColumn(std::string_view name);

}  // namespace picket::parser
