#pragma once

// The mapping of audit operations to OCSF classes, as data. One row describes a group of
// operations; to map a new operation, add a row.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "model/workloads.h"

namespace picket {

// What a record is about: which of its fields the objects of the class are built from.
enum class Subject : uint8_t {
  kGeneric,         // web resource from ObjectId, or the call alone
  kSignIn,          // the actor signs in to an application
  kTargetUser,      // Entra Target
  kRole,            // Role.DisplayName, Role.TemplateId
  kAppRole,         // AppRole.Value, ServicePrincipal.*
  kDelegatedGrant,  // DelegatedPermissionGrant.Scope
  kConsent,         // ConsentAction.Permissions
  kOwner,           // privilege "owner"
  kGroup,           // Entra Target or Group.*
  kSiteGroup,       // EventData, TargetUserOrGroupName
  kTeam,            // TeamName, TeamGuid, Members
  kEntity,          // a named object of Entra: application, service principal
  kCredential,      // as kEntity, with key ids
  kDevice,
  kOrganization,
  kDomain,
  kPolicy,
  kCmdlet,             // Parameters
  kInboxRule,          // Parameters or OperationProperties; the rule and its mailbox
  kMailboxPermission,  // Parameters.User, AccessRights
  kFolderPermission,   // Item.ParentFolder
  kRoleAssignment,     // Parameters.Role
  kDiscovery,          // a search, hold or export, and its case
  kMailItems,          // Folders[].FolderItems
  kMailItem,           // Item, AffectedItems
  kSend,
  kFile,
  kSharing,
  kSiteAdmin,
  kPage,
  kReport,  // and its workspace
  kApp,
  kAlert,
  kInvestigation,
  kThreatMail,
  kThreatUrl,
  kMalware,
  kDlp,
  kQuarantine,
  kAi,
};

struct MappingRow {
  // Separated by '|'; no blanks around them, no final full stop.
  std::string_view operations;
  uint16_t workloads;  // bits of WorkloadBit
  int32_t class_uid;
  uint8_t activity_id;
  Subject subject;
  uint8_t severity_id = 1;
  std::string_view label = {};  // added to metadata.labels
  // Entity or resource type, privilege, or activity_name of activity 99.
  std::string_view detail = {};
};
absl::Span<const MappingRow> MappingRows();

// The key of an operation in the table: without surrounding blanks and the final full stop, in
// lower case (ASCII).
std::string OperationKey(std::string_view operation);
// Removes the blanks and full stops around an operation; Microsoft writes many operations both with
// and without them.
std::string_view TrimOperation(std::string_view operation);

// The row of an operation in a workload; nullptr if there is none. Makes no allocation. Complexity:
// one hash lookup.
const MappingRow* FindMappingRow(std::string_view operation, WorkloadBit workload);
// The row for operations whose name only begins alike, such as MCAS_ALERT_…; nullptr if there is
// none. `operation` is trimmed.
const MappingRow* FindPrefixRow(std::string_view operation);

}  // namespace picket
