#pragma once

// The mapping of audit operations to OCSF classes, as data. One row describes a group of
// operations; to map a new operation, add a row.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "model/workloads.h"

namespace picket {

// What a record is about. The subject determines which objects the event contains, and from which
// fields of the record they are built.
enum class Subject : uint8_t {
  kGeneric,         // the web resource in ObjectId; without ObjectId, only the API call
  kSignIn,          // the actor signs in to an application
  kTargetUser,      // the user in the list Target of an Entra record
  kRole,            // a role, from Role.DisplayName and Role.TemplateId
  kAppRole,         // an application role, from AppRole.Value and ServicePrincipal.*
  kDelegatedGrant,  // permissions, from DelegatedPermissionGrant.Scope
  kConsent,         // permissions, from ConsentAction.Permissions
  kOwner,           // the privilege "owner"
  kGroup,           // a group, from the list Target of an Entra record or from Group.*
  kSiteGroup,       // a group of a site, from EventData and TargetUserOrGroupName
  kTeam,            // a team, from TeamName, TeamGuid and Members
  kEntity,          // a named object of Entra, such as an application
  kCredential,      // a named object of Entra and the ids of its keys
  kDevice,
  kOrganization,
  kDomain,
  kPolicy,
  kCmdlet,             // a cmdlet and its Parameters
  kInboxRule,          // a rule and its mailbox, from Parameters or OperationProperties
  kMailboxPermission,  // a right on a mailbox, from Parameters.User and Parameters.AccessRights
  kFolderPermission,   // a right on a folder, from Folder or Item.ParentFolder
  kRoleAssignment,     // a role of Exchange, from Parameters.Role
  kDiscovery,          // a search, hold or export, and its case
  kMailItems,          // several email messages, from Folders[].FolderItems
  kMailItem,           // email messages, from Item or AffectedItems
  kSend,
  kFile,
  kSharing,
  kSiteAdmin,  // a right on a site, a case or a workspace
  kPage,
  kReport,  // a report and its workspace
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
  // The operations, separated by '|'. Each operation is written without surrounding blanks and
  // without the full stop that ends many of Microsoft's names.
  std::string_view operations;
  uint16_t workloads;  // a set of WorkloadBit
  int32_t class_uid;
  uint8_t activity_id;
  Subject subject;
  uint8_t severity_id = 1;
  std::string_view label = {};  // an entry of metadata.labels; empty if the row has no label
  // A further value for the event. Depending on the class, it is the type of the entity or
  // resource, or the privilege. For activity 99, it is the activity_name.
  std::string_view detail = {};
};
absl::Span<const MappingRow> MappingRows();
// The rows of families of operations. Each applies to all operations that begin with `operations`.
absl::Span<const MappingRow> PrefixRows();

}  // namespace picket
