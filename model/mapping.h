#pragma once

// The mapping of audit operations to OCSF 1.8.0 classes, as data: one row says what a group of operations is. Three
// readers: the normaliser, the field names of rules, `mapping list|explain`. Adding an operation is adding a row.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace picket {

inline constexpr std::string_view kOcsfVersion = "1.8.0";
// Raised with every change of what events say; stands in each. docs/normalising.md tells what each version changed.
inline constexpr std::string_view kMappingVersion = "4";

// Workloads that rows tell apart, as a bit set; a row without any applies to all.
enum WorkloadBit : uint16_t {
  kAnyWorkload = 0,
  kExchange = 1,
  kEntra = 2,
  kSharePoint = 4,  // and OneDrive
  kTeams = 8,
  kCompliance = 16,
  kYammer = 32,
  kPowerBi = 64,
  kEndpoint = 128,
  kCopilot = 256,
  kOtherWorkload = 512,
};
WorkloadBit WorkloadOf(std::string_view workload);

// Which attributes of a record make the objects that the class asks for.
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
  kEntity,          // named thing of Entra: application, service principal
  kCredential,      // the same with key ids
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
  kReport,  // and the workspace that it is in
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

// "iam" and the like are long; a class knows its names.
struct OcsfClass {
  int32_t uid;
  int32_t category_uid;
  std::string_view name;
  std::string_view category_name;
  bool has_src_endpoint;
  bool has_http_request;
  // "1 Create=iam/user,creation|…": number, name, ECS event.category and event.type; 99 has no name.
  std::string_view activities;
};
// Every class that rows name; nullptr for another number.
const OcsfClass* FindOcsfClass(int32_t class_uid);
// "Create"; empty when the class has no such activity.
std::string_view ActivityName(const OcsfClass& ocsf_class, int activity_id);

// The same in the Elastic Common Schema.
struct EcsKind {
  std::string_view kind;      // "event", "alert"
  std::string_view category;  // "iam"
  std::string_view types;     // "user,creation"
};
EcsKind EcsKindOf(const OcsfClass& ocsf_class, int activity_id);

struct MappingRow {
  std::string_view operations;  // separated by '|', trimmed, without the final full stop
  uint16_t workloads;
  int32_t class_uid;
  uint8_t activity_id;
  Subject subject;
  uint8_t severity_id = 1;
  std::string_view label = {};   // into metadata.labels
  std::string_view detail = {};  // entity or resource type, activity_name of activity 99, privilege
};
absl::Span<const MappingRow> MappingRows();

// How an operation was found.
enum class MappedBy : uint8_t { kRow, kCmdletVerb, kVerb, kNothing };
struct Mapping {
  int32_t class_uid;
  uint8_t activity_id;
  Subject subject;
  uint8_t severity_id;
  MappedBy by;
  std::string_view label;
  std::string_view detail;
};

// Blanks around and the final full stop taken off, lower case (ASCII).
std::string OperationKey(std::string_view operation);
// Without blanks and full stops around it, which operations come with and without.
std::string_view TrimOperation(std::string_view operation);

// The row for an operation, or what the verb rule makes of it. `has_resource`: the record has an ObjectId, so that a
// verb means a web resource rather than a call. Makes no allocation. Complexity: one hash look-up.
Mapping MapOperation(std::string_view workload, std::string_view operation, int32_t record_type,
                     bool has_resource);

// Names of an AuditLogRecordType number in Microsoft's two lists; empty where a list lacks it.
struct RecordTypeNames {
  std::string_view management_api;
  std::string_view graph;
  // The one that events carry: the Management API's, else Graph's.
  std::string_view name() const { return management_api.empty() ? graph : management_api; }
};
RecordTypeNames RecordTypeName(int32_t number);
enum class RecordTypeList : uint8_t { kManagementApi, kGraph };
// The number of a name, however its letters are: in this list, for the two give some names to other numbers, else in the
// other one; -1 when neither has it.
int32_t RecordTypeNumber(std::string_view name, RecordTypeList list);

}  // namespace picket
