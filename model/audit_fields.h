#pragma once

// A table of the fields of audit records and of the members of their complex types, indexed by
// name. For each field, the table contains the documented type, and whether the mapping reads the
// field.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace picket {

// The fields that the normaliser reads. All other fields go to `unmapped` under their own names.
// clang-format would rearrange this table on every run.
// clang-format off
#define PICKET_AUDIT_FIELDS(X) \
  X(Id) X(RecordType) X(CreationTime) X(Operation) X(OrganizationId) X(UserType) X(UserKey) \
  X(Workload) X(ResultStatus) X(ObjectId) X(UserId) X(ClientIP) X(ClientIPAddress) \
  X(ActorIpAddress) X(UserIp) X(ActorIP) X(SenderIp) X(UserAgent) X(ClientInfoString) X(AppId) \
  X(ClientAppId) X(ApplicationId) X(ApplicationDisplayName) X(AppAccessContext) X(SessionId) \
  X(InterSystemsId) X(CorrelationId) X(DeviceProperties) X(DeviceId) X(DeviceDisplayName) \
  X(LogonError) X(ErrorNumber) X(ErrorCode) X(IsSuccess) X(ModifiedProperties) \
  X(ExtendedProperties) X(Parameters) X(OperationProperties) X(Actor) X(Target) X(TokenObjectId) \
  X(OriginatingServer) X(MailboxOwnerUPN) X(MailboxGuid) X(Item) X(AffectedItems) X(Folder) \
  X(Folders) X(DestFolder) X(OperationCount) X(SourceFileName) X(SourceFileExtension) \
  X(SourceRelativeUrl) X(SiteUrl) X(FileSizeBytes) X(ItemType) X(ListItemUniqueId) \
  X(DestinationFileName) X(DestinationFileExtension) X(DestinationRelativeUrl) X(EventData) \
  X(TargetUserOrGroupName) X(TargetUserOrGroupType) X(TeamName) X(TeamGuid) X(Members) \
  X(ChannelName) X(AlertId) X(Name) X(Severity) X(Category) X(Status) X(PolicyId) \
  X(AlertEntityId) X(EntityType) X(Data) X(InvestigationId) X(InvestigationType) \
  X(NetworkMessageId) X(InternetMessageId) X(P1Sender) X(P2Sender) X(Recipients) X(Subject) \
  X(Verdict) X(Url) X(VirusInfo) X(PolicyDetails) X(IncidentId) X(SendAsUserSmtp) \
  X(SendOnBehalfOfUserSmtp) X(recipientList) X(AddOnName) X(AddOnGuid) X(CopilotEventData) \
  X(QueryText) X(ItemName) X(ReportName) X(WorkSpaceName) X(GroupName) X(AADGroupId) \
  X(SensitivityLabelId) X(ParticipantInfo) X(LoginStatus) X(FlowName) X(DatasetName) \
  X(OrganizationName) X(AdditionalInfo) X(ActivityParameters) X(URL) X(ClientIPs) X(FileData) \
  X(EnforcementMode) X(LabelName) X(ThreatsAndDetectionTech) X(Permission) \
  X(SensitivityLabelEventData) X(AuthDetails) X(SharePointMetaData) X(ExchangeMetaData) \
  X(EndpointMetaData) X(FileName) X(FileId) X(TargetUserId) X(ChannelGuid) X(MessageId) \
  X(DashboardName) X(AttachmentData) X(LabelId) X(LogonType) X(IsManagedDevice) X(UserSharedWith) \
  X(CaseName) X(CaseId) X(Object1Name) X(Object1Id) X(Object1Type) X(Common) X(Platform) \
  X(Actions)
// clang-format on

enum class Field : uint8_t {
  kOther,
#define X(name) k##name,
  PICKET_AUDIT_FIELDS(X)
#undef X
      kCount
};
inline constexpr int kFieldCount = static_cast<int>(Field::kCount);

enum class FieldType : uint8_t {
  kAny,  // for undocumented fields, which keep the type found in the record
  kText,
  kInteger,
  kBoolean,
  kList,
  kPairs,  // a list of {Name, Value} or {Name, NewValue, OldValue}
  kObject,
};

// Limits of the table. kMostAuditFields counts fields and members together.
inline constexpr size_t kMostAuditFields = 1024;
inline constexpr size_t kMostComplexTypes = 64;

// An entry fills one cache line, so a lookup loads only one. Neighbouring entries are rarely used
// together, because fields are looked up in the order of the record.
struct alignas(64) AuditField {
  static constexpr size_t kLongestKey = 48;
  static constexpr size_t kLongestPlainKey = 32;

  char key[kLongestKey] = {};  // the name as it is written in JSON, with quotes and colon: "Name":
  uint8_t key_size = 0;
  FieldType type = FieldType::kAny;
  Field field = Field::kOther;
  // True if the event writers output the unconverted value of the field: at an OCSF path or, for
  // some classes, in `unmapped`. AuditRecord (parser/mapping/audit_record.h) then does not output
  // the value.
  bool mapped = false;
  // The index in the table, counted from 1. The fields that the normaliser reads come first, in the
  // order of Field.
  uint16_t number = 0;
  // Equals key_size if the key is short enough for IsKeyAt (json/key_compare.h), and 0 otherwise.
  uint8_t plain_key_size = 0;
  // The type of the elements, if the field is a list.
  FieldType element = FieldType::kAny;
  // The complex type of the field or of its elements; 0 if there is no complex type with known
  // members.
  uint8_t members = 0;
  // The complex type that contains this member; 0 for a field of the record itself.
  uint8_t owner = 0;
  // The index of this member within its complex type. It is below 64, so that a set of members fits
  // into 64 bits.
  uint8_t place = 0;

  bool has_typed_content() const { return members != 0 || element != FieldType::kAny; }
  std::string_view name() const { return {key + 1, static_cast<size_t>(key_size - 3)}; }
  std::string_view key_json() const { return {key, key_size}; }
};
static_assert(sizeof(AuditField) == 64);

// Finds a field of the record by its exact name. If no field has exactly this name, ignores case.
// Returns nullptr if the table does not contain the field. Makes no allocation.
const AuditField* FindAuditField(std::string_view name);
// Finds a member of a complex type by its exact name. Returns nullptr if the member is
// undocumented. Makes no allocation.
const AuditField* FindAuditMember(uint8_t complex_type, std::string_view name);

// A value that does not have the documented type of its member is written under the name of the
// member with the suffix _text. Returns true if `name` is such a name. `complex_type` is the type
// to which the member belongs, or 0 for the fields of the record.
bool IsTextMemberName(uint8_t complex_type, std::string_view name);

// Returns the table, indexed by AuditField::number. The entry with index 0 is not a field.
// Lifetime: The table exists until the process ends.
const AuditField* AuditFieldTable();

}  // namespace picket
