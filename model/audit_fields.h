#pragma once

// The fields of audit records by name, and the members of those that are of a complex type: their
// documented type, and which fields the mapping reads.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace picket {

// Fields that the normaliser reads; all others go to `unmapped` under their own name.
// clang-format would move this table at every run.
// clang-format off
#define PICKET_AUDIT_FIELDS(X) \
  X(Id) X(RecordType) X(CreationTime) X(Operation) X(OrganizationId) X(UserType) X(UserKey) \
  X(Workload) X(ResultStatus) X(ObjectId) X(UserId) X(ClientIP) X(ClientIPAddress) \
  X(ActorIpAddress) X(UserIp) X(ActorIP) X(SenderIp) X(UserAgent) X(ClientInfoString) X(AppId) \
  X(ClientAppId) X(ApplicationId) X(ApplicationDisplayName) X(AppAccessContext) X(SessionId) \
  X(InterSystemsId) X(CorrelationId) X(DeviceProperties) X(DeviceId) X(DeviceDisplayName) \
  X(LogonError) X(ErrorNumber) X(ErrorCode) X(IsSuccess) X(ModifiedProperties) X(ExtendedProperties) \
  X(Parameters) X(OperationProperties) X(Actor) X(Target) X(TokenObjectId) X(OriginatingServer) \
  X(MailboxOwnerUPN) X(MailboxGuid) X(Item) X(AffectedItems) X(Folder) X(Folders) X(DestFolder) \
  X(OperationCount) X(SourceFileName) X(SourceFileExtension) X(SourceRelativeUrl) X(SiteUrl) \
  X(FileSizeBytes) X(ItemType) X(ListItemUniqueId) X(DestinationFileName) \
  X(DestinationFileExtension) X(DestinationRelativeUrl) X(EventData) X(TargetUserOrGroupName) \
  X(TargetUserOrGroupType) X(TeamName) X(TeamGuid) X(Members) X(ChannelName) X(AlertId) X(Name) \
  X(Severity) X(Category) X(Status) X(PolicyId) X(AlertEntityId) X(EntityType) X(Data) \
  X(InvestigationId) X(InvestigationType) X(NetworkMessageId) X(InternetMessageId) X(P1Sender) \
  X(P2Sender) X(Recipients) X(Subject) X(Verdict) X(Url) X(VirusInfo) X(PolicyDetails) \
  X(IncidentId) X(SendAsUserSmtp) X(SendOnBehalfOfUserSmtp) X(recipientList) X(AddOnName) \
  X(AddOnGuid) X(CopilotEventData) X(QueryText) X(ItemName) X(ReportName) X(WorkSpaceName) \
  X(GroupName) X(AADGroupId) X(SensitivityLabelId) X(ParticipantInfo) X(LoginStatus) \
  X(FlowName) X(DatasetName) X(OrganizationName) X(AdditionalInfo) X(ActivityParameters) X(URL) \
  X(ClientIPs) X(FileData) X(EnforcementMode) X(LabelName) X(ThreatsAndDetectionTech) X(Permission) X(SensitivityLabelEventData) X(AuthDetails) \
  X(SharePointMetaData) X(ExchangeMetaData) X(EndpointMetaData) X(FileName) X(FileId) \
  X(TargetUserId) X(ChannelGuid) X(MessageId) X(DashboardName) X(AttachmentData) X(LabelId) \
  X(LogonType) X(IsManagedDevice) X(UserSharedWith) X(CaseName) X(CaseId) X(Object1Name) \
  X(Object1Id) X(Object1Type) X(Common) X(Platform) X(Actions)
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
  kAny,  // undocumented: keeps the type it comes with
  kText,
  kInteger,
  kBoolean,
  kList,
  kPairs,  // list of {Name, Value} or {Name, NewValue, OldValue}
  kObject,
};

// More than there are names in the table, and complex types.
inline constexpr size_t kMostAuditFields = 1024;
inline constexpr size_t kMostComplexTypes = 64;

// All of it in one line of the cache: the fields of a record are asked for in the order of the
// record, not of the table.
struct alignas(64) AuditField {
  static constexpr size_t kLongestKey = 48;
  static constexpr size_t kLongestPlainKey = 32;

  char key[kLongestKey] = {};  // "Name":
  uint8_t key_size = 0;
  FieldType type = FieldType::kAny;
  Field field = Field::kOther;
  // Its text is always found at an OCSF path, so `unmapped` does not repeat it.
  bool mapped = false;
  // Its place in the table, from 1; those that the normaliser reads come first, as in Field.
  uint16_t number = 0;
  // The same as key_size, of a key that can be compared at once; else 0.
  uint8_t plain_key_size = 0;
  // Of a list: what its elements are.
  FieldType element = FieldType::kAny;
  // The complex type that it has, or its elements have; 0: none of which members are known.
  uint8_t members = 0;
  // The complex type of which it is a member; 0: a field of the record itself.
  uint8_t owner = 0;
  // Its place among the members of its complex type, below 64.
  uint8_t place = 0;

  bool has_typed_content() const { return members != 0 || element != FieldType::kAny; }
  std::string_view name() const { return {key + 1, static_cast<size_t>(key_size - 3)}; }
  std::string_view key_json() const { return {key, key_size}; }
};
static_assert(sizeof(AuditField) == 64);

// A field of the record by exact name, else by name in any case; nullptr for one that is not in the
// table. Makes no allocation.
const AuditField* FindAuditField(std::string_view name);
// A member of a complex type by exact name; nullptr when it is not documented. Makes no allocation.
const AuditField* FindAuditMember(uint8_t complex_type, std::string_view name);

// Whether a text of another type than the documented one would have this name in an event:
// <documented name>_text. `complex_type`: whose member has the name; 0: a field of the record.
bool IsTextMemberName(uint8_t complex_type, std::string_view name);

// The table, by number; number 0 is no field. Lives as long as the program.
const AuditField* AuditFieldTable();

}  // namespace picket
