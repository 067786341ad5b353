#include "parser/input/renamed_fields.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace picket::parser {
namespace {

struct RenamedField {
  std::string_view name;
  std::string_view native;
};
// The fields that Graph and the audit log search put around the record, with their native names.
// The Graph PowerShell SDK writes them in Pascal case.
constexpr RenamedField kOuterNames[] = {
    {"id", "Id"},
    {"Id", "Id"},
    {"Identity", "Id"},
    {"RecordId", "Id"},
    {"createdDateTime", "CreationTime"},
    {"CreatedDateTime", "CreationTime"},
    {"CreationDate", "CreationTime"},
    {"auditLogRecordType", "RecordType"},
    {"AuditLogRecordType", "RecordType"},
    {"RecordType", "RecordType"},
    {"operation", "Operation"},
    {"Operations", "Operation"},
    {"Operation", "Operation"},
    {"organizationId", "OrganizationId"},
    {"OrganizationId", "OrganizationId"},
    {"userType", "UserType"},
    {"UserType", "UserType"},
    {"userPrincipalName", "UserId"},
    {"UserPrincipalName", "UserId"},
    {"userId", "UserId"},
    {"UserId", "UserId"},
    {"UserIds", "UserId"},
    {"service", "Workload"},
    {"Service", "Workload"},
    {"objectId", "ObjectId"},
    {"ObjectId", "ObjectId"},
    {"clientIp", "ClientIP"},
    {"ClientIP", "ClientIP"},
    {"ClientIp", "ClientIP"},
};
// The columns of OfficeActivity whose names differ from the native names.
constexpr RenamedField kSentinelNames[] = {
    {"OfficeId", "Id"},
    {"SourceRecordId", "Id"},
    {"TimeGenerated", "CreationTime"},
    {"TimeGenerated [UTC]", "CreationTime"},
    {"OfficeWorkload", "Workload"},
    {"OfficeObjectId", "ObjectId"},
    {"OfficeTenantId", "OrganizationId"},
    {"Client_IPAddress", "ClientIPAddress"},
    {"Logon_Type", "LogonType"},
    {"Event_Data", "EventData"},
    {"Site_", "Site"},
    {"Site_Url", "SiteUrl"},
    {"Source_Name", "SourceName"},
    {"Start_Time", "StartTime"},
    {"AADTarget", "Target"},
    {"OperationScope", "Scope"},
    {"AddonName", "AddOnName"},
    {"AddonGuid", "AddOnGuid"},
    {"AzureActiveDirectory_EventType", "AzureActiveDirectoryEventType"},
    {"SendonBehalfOfUserMailboxGuid", "SendOnBehalfOfUserMailboxGuid"},
};
// Columns that a Sentinel workspace adds to each of its tables, except columns that begin with '_'.
constexpr std::string_view kWorkspaceColumns[] = {"TenantId", "Type", "SourceSystem",
                                                  "Computer", "MG",   "TimeGenerated [Local Time]"};
template <size_t N>
std::string_view FindNative(const RenamedField (&table)[N], std::string_view name) {
  for (const RenamedField& row : table) {
    if (row.name == name) return row.native;
  }
  return {};
}

}  // namespace

std::string_view NativeOuterName(std::string_view name) { return FindNative(kOuterNames, name); }

std::string_view NativeSentinelName(std::string_view name) {
  return FindNative(kSentinelNames, name);
}

std::string_view NativeName(std::string_view name) {
  const std::string_view native = NativeOuterName(name);
  return native.empty() ? NativeSentinelName(name) : native;
}

bool IsWorkspaceColumn(std::string_view name) {
  return std::find(std::begin(kWorkspaceColumns), std::end(kWorkspaceColumns), name) !=
         std::end(kWorkspaceColumns);
}

}  // namespace picket::parser
