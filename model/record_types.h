#pragma once

// AuditLogRecordType: the numbers of record types, their names in Microsoft's two lists (the Office
// 365 Management Activity API schema, and Microsoft Graph), and what the type says about
// operations.

#include <cstdint>
#include <string_view>
#include <vector>

namespace picket {

// Empty if a list lacks the number.
struct RecordTypeNames {
  std::string_view management_api;
  std::string_view graph;
  // The name that events carry: the Management API's, else Graph's.
  std::string_view name() const { return management_api.empty() ? graph : management_api; }
};
RecordTypeNames RecordTypeName(int32_t number);

// What the mapping concludes from a record type if it has no row for the operation.
enum class RecordTypeUse : uint8_t {
  kOther,
  kCmdlet,          // operations are cmdlets
  kAlert,           // operations are titles of alerts
  kRestApi,         // reads are API calls, also where a resource is named
  kWebApplication,  // operations are on things of a web application, also where none is named
};
RecordTypeUse RecordTypeUseOf(int32_t number);
// In ascending order.
std::vector<int32_t> RecordTypesOf(RecordTypeUse use);

enum class RecordTypeList : uint8_t { kManagementApi, kGraph };
// The number of a name, ignoring case: in this list or, if it is not there, in the other one; -1 if
// neither has it. The two lists give some names to different numbers.
int32_t RecordTypeNumber(std::string_view name, RecordTypeList list);

}  // namespace picket
