#include "model/mapping_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "model/field_paths.h"
#include "model/mapping.h"
#include "model/ocsf_class.h"
#include "model/operation_lookup.h"
#include "model/record_types.h"
#include "model/workloads.h"

namespace picket {
namespace {

std::string ActivityOf(int32_t class_uid, int activity_id, std::string_view detail) {
  const OcsfClass& ocsf_class = *FindOcsfClass(class_uid);
  const std::string_view name = activity_id == ocsf::kOtherActivity && !detail.empty()
                                    ? detail
                                    : ActivityName(ocsf_class, activity_id);
  return absl::StrCat(activity_id, " ", ToAbsl(name.empty() ? "Other" : name));
}

std::string EcsOf(int32_t class_uid, int activity_id) {
  const EcsKind kind = EcsKindOf(*FindOcsfClass(class_uid), activity_id);
  return absl::StrCat(ToAbsl(kind.category), " / ", ToAbsl(kind.types));
}

std::string_view KeptInWords(Kept kept) {
  switch (kept) {
    case Kept::kText:
      return "own value";
    case Kept::kTextOrUnmapped:
      return "own value, else in unmapped";
    case Kept::kName:
      return "its name";
    case Kept::kCopy:
      return "copy";
  }
  return "";
}

std::string Quoted(std::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(ToAbsl(text), {{"\\", "\\\\"}, {"\"", "\\\""}}),
                      "\"");
}

// Returns "a|b" as ["a","b"].
std::string QuotedList(std::string_view texts) {
  std::vector<std::string> quoted;
  for (const std::string& one : std::vector<std::string>(absl::StrSplit(ToAbsl(texts), '|'))) {
    quoted.push_back(Quoted(one));
  }
  return absl::StrCat("[", absl::StrJoin(quoted, ","), "]");
}

std::string Code(std::string_view text) {
  return text.empty() ? "" : absl::StrCat("`", ToAbsl(text), "`");
}

// Returns "a|b" as `a`, `b`.
std::string CodeList(std::string_view texts) {
  return absl::StrCat("`", absl::StrReplaceAll(ToAbsl(texts), {{"|", "`, `"}}), "`");
}

std::string DescribeRow(std::string_view workloads, const Mapping& mapping) {
  const OcsfClass& ocsf_class = *FindOcsfClass(mapping.class_uid);
  std::string text = absl::StrCat(
      "  workload    ", ToAbsl(workloads), "\n  class       ", mapping.class_uid, " ",
      ToAbsl(ocsf_class.name), "\n  activity    ",
      ActivityOf(mapping.class_uid, mapping.activity_id, mapping.detail), "\n  attributes  ",
      ToAbsl(SubjectInWords(mapping.subject)), "\n  severity    ", int{mapping.severity_id},
      "\n  ECS         ", EcsOf(mapping.class_uid, mapping.activity_id), "\n");
  if (!mapping.label.empty()) absl::StrAppend(&text, "  label       ", ToAbsl(mapping.label), "\n");
  if (!mapping.detail.empty() && mapping.activity_id != ocsf::kOtherActivity) {
    absl::StrAppend(&text, "  detail      ", ToAbsl(mapping.detail), "\n");
  }
  return text;
}

bool HasOperation(const MappingRow& row, const std::string& key) {
  for (const std::string& one :
       std::vector<std::string>(absl::StrSplit(ToAbsl(row.operations), '|'))) {
    if (OperationKey(one) == key) return true;
  }
  return false;
}

std::string_view FoundInWords(MappedBy by) {
  switch (by) {
    case MappedBy::kRow:
      return "a row of the table";
    case MappedBy::kCmdletVerb:
      return "the verb of a cmdlet";
    case MappedBy::kVerb:
      return "its verb alone; picket_normalizer_unmapped_operations_total counts it";
    case MappedBy::kNothing:
      return "nothing: no row and no verb; picket_normalizer_unmapped_operations_total counts it";
  }
  return "";
}

}  // namespace

std::string_view SubjectInWords(Subject subject) {
  switch (subject) {
    case Subject::kGeneric:
      return "resources from ObjectId";
    case Subject::kSignIn:
      return "user from the actor; service from ApplicationId or ObjectId; is_mfa, auth_protocol "
             "from RequestType; logon_type from LogonType; dst_endpoint from the mailbox";
    case Subject::kTargetUser:
      return "user from Target or ObjectId; user_result and auth_factors from ModifiedProperties";
    case Subject::kRole:
      return "user from Target; privileges and resources from Role.DisplayName, Role.TemplateId";
    case Subject::kAppRole:
      return "user from User.UPN or Target; privileges from AppRole.Value; resources from "
             "ServicePrincipal.*";
    case Subject::kDelegatedGrant:
      return "user from Target; privileges from DelegatedPermissionGrant.Scope, split; resources "
             "from ServicePrincipal.*";
    case Subject::kConsent:
      return "user from the actor; privileges from the scopes of ConsentAction.Permissions; "
             "resources: the application";
    case Subject::kOwner:
      return "user from Target; the privilege \"owner\"; resources from ServicePrincipal.*, "
             "Application.* or Group.*";
    case Subject::kGroup:
      return "group from Group.DisplayName, Group.ObjectID or Target; user from Target";
    case Subject::kSiteGroup:
      return "group from EventData, TargetUserOrGroupName or ModifiedProperties.Name; user from "
             "TargetUserOrGroupName";
    case Subject::kTeam:
      return "group, team or channel from TeamName, TeamGuid, GroupName, ChannelName, ChannelGuid; "
             "message from MessageId; user: the first of Members, all as observables";
    case Subject::kEntity:
      return "entity from Target or ObjectId; entity_result from ModifiedProperties";
    case Subject::kCredential:
      return "entity from Target or ObjectId; data.key_ids from KeyDescription; entity_result from "
             "ModifiedProperties";
    case Subject::kDevice:
      return "entity.device from Device.DisplayName, Device.ObjectID or Target; its owner from "
             "Target";
    case Subject::kOrganization:
      return "entity.org from Target or ObjectId; its uid from tenantId of a partner";
    case Subject::kDomain:
      return "entity from Parameters.DomainName, Identity, Name; else Target or ObjectId";
    case Subject::kPolicy:
      return "entity.policy from Target or ObjectId";
    case Subject::kCmdlet:
      return "api.request.data from Parameters, settings from ModifiedProperties; resources from "
             "ObjectId";
    case Subject::kInboxRule:
      return "api.request.data from Parameters, or from OperationProperties and its RuleActions; "
             "resources: rule, mailbox";
    case Subject::kMailboxPermission:
      return "user from Parameters.User or Trustee; privileges from AccessRights; resources from "
             "Identity";
    case Subject::kFolderPermission:
      return "user, privileges and resources from Folder or Item.ParentFolder: MemberUpn, "
             "MemberRights, Path";
    case Subject::kRoleAssignment:
      return "user from Parameters.User, Member, SecurityGroup, App; privileges from Role or "
             "Identity; resources from ObjectId";
    case Subject::kDiscovery:
      return "resources from Object1Name, Object1Id or ObjectId, and the case from CaseName, "
             "CaseId";
    case Subject::kMailItems:
      return "web_resources: one for each of Folders[].FolderItems; "
             "api.request.data.MailAccessType, IsThrottled; count";
    case Subject::kMailItem:
      return "web_resources from Item, AffectedItems, the folder or the mailbox, with attachments, "
             "the names of ModifiedProperties and the label; web_resources_result from DestFolder";
    case Subject::kSend:
      return "email from SendAs…, SendOnBehalfOf… or the mailbox; to recipientList; subject, "
             "message id and files from Item";
    case Subject::kFile:
      return "file from SourceFileName, ObjectId, SourceRelativeUrl, FileSizeBytes; file_result "
             "from Destination…; label";
    case Subject::kSharing:
      return "file from SourceFileName, ObjectId, SourceRelativeUrl, FileSizeBytes; access_list "
             "from "
             "EventData or Permission; TargetUserOrGroupName, UserSharedWith as observables; a "
             "site "
             "is a web resource (6001.8)";
    case Subject::kSiteAdmin:
      return "user from TargetUserOrGroupName or SiteAdmin; the privilege, or PermissionLevel of "
             "EventData; resources from CaseName, WorkSpaceName, ObjectId or SiteUrl";
    case Subject::kPage:
      return "web_resources from ObjectId, ItemName, QueryText";
    case Subject::kReport:
      return "web_resources from ReportName, DashboardName, DatasetName, and the workspace from "
             "WorkSpaceName";
    case Subject::kApp:
      return "app from AddOnName, AddOnGuid";
    case Subject::kAlert:
      return "finding_info from AlertId, Name, Category; evidences by EntityType; closed when "
             "Status is Resolved";
    case Subject::kInvestigation:
      return "finding_info from InvestigationId, InvestigationType; created, updated or closed by "
             "Status";
    case Subject::kThreatMail:
      return "finding_info from NetworkMessageId, Verdict, ThreatsAndDetectionTech; evidences: the "
             "mail, files from AttachmentData; malware from MalwareFamily";
    case Subject::kThreatUrl:
      return "evidences: the URL, and the address from UserIp";
    case Subject::kMalware:
      return "evidences: the file, its hash from FileData; malware from VirusInfo or "
             "FileData.MalwareFamily";
    case Subject::kDlp:
      return "finding_info from IncidentId, rule names; data_security: policy, discovery_details "
             "from SensitiveInformation; disposition from Actions, EnforcementMode; without a "
             "matched policy the file";
    case Subject::kQuarantine:
      return "web_resources from NetworkMessageId";
    case Subject::kAi:
      return "ai_model, message_context, resources and the counts of prompts and responses from "
             "CopilotEventData";
  }
  return "";
}

std::string MappingAsText() {
  std::string text;
  for (const MappingRow& row : MappingRows()) {
    absl::StrAppend(&text, row.class_uid, ".", int{row.activity_id}, "  severity ",
                    int{row.severity_id}, "  ", WorkloadNames(row.workloads), "  ",
                    row.label.empty() ? "-" : ToAbsl(row.label), "  ",
                    absl::StrReplaceAll(ToAbsl(row.operations), {{"|", ", "}}), "\n");
  }
  return text;
}

std::string MappingAsJson() {
  std::vector<std::string> operations;
  for (const MappingRow& row : MappingRows()) {
    const EcsKind ecs = EcsKindOf(*FindOcsfClass(row.class_uid), row.activity_id);
    operations.push_back(absl::StrCat(
        "{\"operations\":", QuotedList(row.operations),
        ",\"workloads\":", Quoted(WorkloadNames(row.workloads)), ",\"class_uid\":", row.class_uid,
        ",\"activity_id\":", int{row.activity_id}, ",\"severity_id\":", int{row.severity_id},
        ",\"label\":", Quoted(row.label), ",\"detail\":", Quoted(row.detail),
        ",\"attributes\":", Quoted(SubjectInWords(row.subject)),
        ",\"ecs_category\":", Quoted(ecs.category), ",\"ecs_types\":", Quoted(ecs.types), "}"));
  }
  std::vector<std::string> fields;
  for (const FieldPath& row : FieldPaths()) {
    fields.push_back(absl::StrCat("{\"sources\":", QuotedList(row.sources),
                                  ",\"ocsf\":", Quoted(row.ocsf), ",\"ecs\":", Quoted(row.ecs),
                                  ",\"kept\":", Quoted(KeptInWords(row.kept)), "}"));
  }
  return absl::StrCat("{\"version\":", Quoted(kMappingVersion), ",\"ocsf\":", Quoted(kOcsfVersion),
                      ",\"operations\":[\n", absl::StrJoin(operations, ",\n"), "\n],\"fields\":[\n",
                      absl::StrJoin(fields, ",\n"), "\n]}\n");
}

std::string MappingAsMarkdown() {
  std::string text = absl::StrCat(
      "<!-- Generated by `picket mapping list --format markdown`; a test compares it with the "
      "code. "
      "-->\n\n"
      "# Mapping\n\nVersion ",
      ToAbsl(kMappingVersion), ", OCSF ", ToAbsl(kOcsfVersion),
      ". `picket mapping explain OPERATION` explains how one operation is mapped.\n\n"
      "## Operations\n\nOperations are looked up by workload and operation. Case, blanks around "
      "the "
      "operation and its final full stop do not matter. An operation without a row is mapped by "
      "its verb (`New-`, `…Created`, `…Update`, `User deleted`): a cmdlet to 6003, any other "
      "operation to 6003, or to 6001 if the record names a resource. The verb is the first word if "
      "that word is only ever a verb (`DeleteReport`), or else the last word if it is in the past "
      "tense (`SearchResultsPurged`), or else the first word that is a verb or its noun. "
      "Operations of the record types ",
      absl::StrJoin(RecordTypesOf(RecordTypeUse::kAlert), ", "),
      " are titles of alerts and are mapped to 2004.1. An operation without a verb is mapped to "
      "6003.99. `picket_normalizer_unmapped_operations_total` counts operations that have only a "
      "verb, or neither.\n\n"
      "Severity: alerts and DLP have their own; failures have at least 2; forwarding of mail and "
      "disabling of an audit have at least 3.\n\n"
      "| Operations | Workload | Class | Activity | Severity | Label | ECS category / type | "
      "Attributes |\n"
      "|---|---|---|---|---|---|---|---|\n");
  for (const MappingRow& row : MappingRows()) {
    absl::StrAppend(&text, "| ", CodeList(row.operations), " | ", WorkloadNames(row.workloads),
                    " | ", row.class_uid, " ", ToAbsl(FindOcsfClass(row.class_uid)->name), " | ",
                    ActivityOf(row.class_uid, row.activity_id, row.detail), " | ",
                    int{row.severity_id}, " | ", Code(row.label), " | ",
                    EcsOf(row.class_uid, row.activity_id), " | ",
                    ToAbsl(SubjectInWords(row.subject)), " |\n");
  }
  absl::StrAppend(
      &text,
      "\n## Fields\n\nA field that is not in this table keeps its name: `unmapped.<Name>` in OCSF, "
      "`o365.audit.<Name>` in ECS. If a row names several fields, the first one that has a value "
      "counts. *Own value*: the field's value as received, which `unmapped` does not repeat. "
      "*Copy*: "
      "a typed or derived value in addition to the own value. In ECS every field is also under "
      "`o365.audit`, complete. JSON inside strings is decoded into `unmapped.decoded` and "
      "`o365.audit.decoded`, a list of `name` (the path) and `value`. `OriginatingServer` is there "
      "too, without the line break that Exchange adds to it.\n\n"
      "| Source | OCSF | ECS | What |\n|---|---|---|---|\n");
  for (const FieldPath& row : FieldPaths()) {
    absl::StrAppend(&text, "| ", CodeList(row.sources), " | ", Code(row.ocsf), " | ", Code(row.ecs),
                    " | ", ToAbsl(KeptInWords(row.kept)), " |\n");
  }
  absl::StrAppend(
      &text,
      "\n## Members of lists under their own name\n\nThe lists keep their order and "
      "their duplicates: in OCSF at their path, in ECS as `o365.audit.<List>_kv`. Members "
      "that rules refer to are also under their own name, with underscores instead of "
      "dots and blanks: in ECS `o365.audit.<List>.<key>`, and for Parameters in OCSF "
      "`api.request.data.<key>`.\n\n| List | OCSF | Members |\n|---|---|---|\n");
  for (const PairListPath& list : PairListPaths()) {
    std::vector<std::string> names;
    for (const PairName& name : PairNames()) {
      if (name.list == list.field) names.push_back(Code(name.name));
    }
    absl::StrAppend(&text, "| ", ToAbsl(list.name), " | ", Code(list.ocsf), " | ",
                    absl::StrJoin(names, ", "), " |\n");
  }
  return text;
}

std::string ExplainOperation(std::string_view operation, std::string_view workload) {
  std::string text = absl::StrCat(ToAbsl(operation), "\n");
  const std::string key = OperationKey(operation);
  bool has_row = false;
  if (workload.empty()) {
    for (const MappingRow& row : MappingRows()) {
      if (!HasOperation(row, key)) continue;
      const Mapping mapping = {row.class_uid,  row.activity_id, row.subject, row.severity_id,
                               MappedBy::kRow, row.label,       row.detail};
      absl::StrAppend(&text, has_row ? "\n" : "",
                      DescribeRow(WorkloadNames(row.workloads), mapping));
      has_row = true;
    }
  }
  if (!has_row) {
    // The record type is not known here, so -1 is passed. MapOperation also recognises Exchange
    // cmdlets by their verb.
    const Mapping mapping = MapOperation(workload, operation, -1, true);
    absl::StrAppend(&text, "  found by    ", ToAbsl(FoundInWords(mapping.by)), "\n",
                    DescribeRow(workload.empty() ? "any" : workload, mapping));
    if (mapping.by == MappedBy::kVerb) {
      const Mapping call = MapOperation(workload, operation, -1, false);
      absl::StrAppend(&text, "  without a resource in the record: class ", call.class_uid,
                      " activity ", ActivityOf(call.class_uid, call.activity_id, call.detail),
                      "\n");
    }
  }
  absl::StrAppend(&text, "\nfields (source → OCSF, ECS)\n");
  for (const FieldPath& row : FieldPaths()) {
    absl::StrAppend(&text, "  ", absl::StrReplaceAll(ToAbsl(row.sources), {{"|", ", "}}), " → ",
                    row.ocsf.empty() ? "-" : ToAbsl(row.ocsf), ", ",
                    row.ecs.empty() ? "-" : ToAbsl(row.ecs), "  (", ToAbsl(KeptInWords(row.kept)),
                    ")\n");
  }
  absl::StrAppend(&text, "  any other Name → unmapped.Name, o365.audit.Name\n");
  return text;
}

}  // namespace picket
