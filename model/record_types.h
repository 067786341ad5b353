#pragma once

// The record types of AuditLogRecordType: their numbers, their names in Microsoft's two lists (the
// Office 365 Management Activity API schema, and Microsoft Graph), and what the mapping concludes
// from a record type.

#include <cstdint>
#include <string_view>
#include <vector>

namespace picket {

// The names of a record type. If one of Microsoft's lists does not contain the record type, the
// name from that list is empty.
struct RecordTypeNames {
  std::string_view management_api;
  std::string_view graph;
  // Returns the name that events contain: the name in the Management API or, if that is empty, the
  // name in Graph.
  std::string_view name() const { return management_api.empty() ? graph : management_api; }
};
RecordTypeNames RecordTypeName(int32_t number);

// What the mapping concludes from a record type if it has no row for the operation.
enum class RecordTypeUse : uint8_t {
  kOther,
  kCmdlet,          // the operations are cmdlets
  kAlert,           // the operations are the titles of alerts
  kRestApi,         // reads are API calls, even if the record names a resource
  kWebApplication,  // the operations act on web resources, even if the record names none
};
RecordTypeUse RecordTypeUseOf(int32_t number);
// Returns the numbers of the record types with this use, in ascending order.
std::vector<int32_t> RecordTypesOf(RecordTypeUse use);

enum class RecordTypeList : uint8_t { kManagementApi, kGraph };
// Returns the number of the record type with this name, ignoring case. Searches `list` first and
// then the other list, because some names have different numbers in the two lists. Returns -1 if
// neither list has the name.
int32_t RecordTypeNumber(std::string_view name, RecordTypeList list);

}  // namespace picket
