#pragma once

// Finds the row of the mapping for an operation.

#include <string>
#include <string_view>

#include "model/operation_rows.h"
#include "model/workloads.h"

namespace picket {

// Returns the key of an operation in the table: the operation in lower case (ASCII), without
// surrounding blanks and the final full stop.
std::string OperationKey(std::string_view operation);
// Removes leading blanks, and trailing blanks and full stops. Microsoft writes many operations both
// with and without them.
std::string_view TrimOperation(std::string_view operation);

// Returns the row of an operation in a workload, or nullptr if no row matches. Makes no allocation.
// Complexity: One hash lookup.
const MappingRow* FindMappingRow(std::string_view operation, WorkloadBit workload);
// Returns the row for a family of operations that share a prefix, such as MCAS_ALERT_…, or nullptr
// if the operation belongs to no family. `operation` must be trimmed.
const MappingRow* FindPrefixRow(std::string_view operation);

}  // namespace picket
