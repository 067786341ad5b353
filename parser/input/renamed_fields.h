#pragma once

// Fields of audit records that other tools store under names of their own. A new column of an
// export gets a row here.

#include <string_view>

namespace picket::parser {

// Returns the native name of a field that Graph or the audit log search stores next to the record;
// empty if it has none.
std::string_view NativeOuterName(std::string_view name);

// Returns the native name of a column of Sentinel's table OfficeActivity whose name differs; empty
// for any other name.
std::string_view NativeSentinelName(std::string_view name);

// Returns the native name of a field that a wrapper or a row has renamed, such as "UserId" for
// "userPrincipalName" or "ObjectId" for "OfficeObjectId". Returns an empty view for any other name.
std::string_view NativeName(std::string_view name);

// Returns true for a column that a Sentinel workspace adds to each of its tables, besides those
// that begin with '_'.
bool IsWorkspaceColumn(std::string_view name);

}  // namespace picket::parser
