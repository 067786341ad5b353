#include "model/audit_fields.h"

#include <cstring>
#include <string>
#include <vector>

#include "common/check.h"
#include "common/strings.h"
#include "model/field_paths.h"

namespace picket {
namespace {

// Names by type, as documented; where the documents are silent or disagree, as the records have it.
constexpr std::string_view kTextNames =
    "AADGroupId AADSessionId APIId Action ActionId ActionStatus ActionType Activity "
    "ActivityDateTime ActivityParameters ActorContextId ActorIP ActorInfoString ActorIpAddress "
    "ActorUserId AddOnGuid AddOnName Address AdminSubmissionDeliveryCheck "
    "AdminSubmissionRegistered AdminSubmissionSubmitted AdminSubmissionSubmitting "
    "AdminSubmissionTablAllow AdminSubmissionTimeout AdminSubmissionTriage AgentID AgentName "
    "AgreementCreationDateTime AgreementId AgreementSender AlertEntityId AlertId AlertType "
    "Algorithm Altitude AppId AppName AppRegistrationTenantId Application ApplicationDisplayName "
    "ApplicationId ApplicationMode ApplicationName ApplicationVersion ApprovalExpiryDateInUTC "
    "ApprovalUpdatedDateInUTC ApprovedBy Approver AttachmentId AttachmentName "
    "AttackSimUserSubmission AttackTechnique Audit AuthType AuthenticationMethod AutomationId "
    "BackupItemID BackupItemId BackupItemType BillingAzureResourceGroupName "
    "BillingAzureSubscriptionId BillingPolicyId CampaignType CaseId CaseName Category ChannelGuid "
    "ChannelName ChannelType ChatName ChatThreadId City Client ClientAppId ClientAppName "
    "ClientApplication ClientIP ClientIPAddress ClientInfoString ClientMachineName "
    "ClientProcessName ClientRequestId ClientUUID ClientVersion CloudInstanceName CmdletVersion "
    "Comments ComplianceLabel ComponentFault Compute ConfigId ConfigName Connectors "
    "ConsumerMailbox ContactEmail1DisplayName ContactEmail1EmailAddress ContactEmail2DisplayName "
    "ContactEmail2EmailAddress ContactEmail3DisplayName ContactEmail3EmailAddress ContainerId "
    "CopyActivityRunId CorrelationId CountryOrRegion CreationMethodology CreationTime "
    "CrmOrganizationUniqueName CustomEvent CustomSubmission DashboardName Data DataClassification "
    "DataDSRControl DataExportType DataOnboardingAtSetup DataOnboardingStatus DatasetColumns "
    "DatasetName DeeplinkURL DenyGroups Description DestMailboxId "
    "DestMailboxOwnerMasterAccountSid DestMailboxOwnerSid DestMailboxOwnerUPN "
    "DestinationFileExtension DestinationFileName DestinationLabel DestinationRelativeUrl "
    "DestinationSinks DestinationTenantId Detail DetectedDateTime DetectionMethod "
    "DetectionTimingType DetectionType DeviceId DeviceName Directionality DiscardEmployeeIds "
    "DiscoveryId DisplayName DocumentId DocumentLastModifier DocumentSharer DomainURL "
    "EditMethodology EffectiveOrganization ElevationApprovedTime ElevationApprover "
    "ElevationRequestId ElevationRole ElevationTime EndDate EndTime EndTimeData EndTimeUtc "
    "EnforcementMode Entity EntityId EntityName EntityType EnvironmentId EnvironmentName "
    "ErrorCode ErrorNumber Event EventDeepLink EventOccurenceTime EventSource EventTime "
    "EventValue ExceptionInfo ExportName ExportTriggeredAt ExtendedCompletionDate "
    "ExternalUserTenantId FailureReason FeedBackComponentName FileExtension FileName FileOwner "
    "FileOwnerEmail FilePath FilePathUrl FileSize FileType FinalOverride FormId FormName From "
    "GenericInfo GoalList GraphName GroupName HostAppId ID Id ImmutableId ImportType "
    "InputParameters InstanceUrl InterSystemsId Interface InternetMessageId IntraSystemsId "
    "InvestigationId InvestigationName InvestigationType Invitee InviteeTenantId IssuedAtTime "
    "ItemID ItemId ItemName ItemType ItemUrl JobEndTime JobId JobName JobRunStatus JobStartTime "
    "JobType Justification KernalId Key LabelAction LabelAppliedDateTime LabelId LabelName "
    "LastModifiedBy LastModifiedDate LastModifiedTime LastUpdateTimeUtc LastUpdatedDateTime "
    "Latitude ListBaseTemplateType ListBaseType ListId ListItemUniqueId ListName ListTitle "
    "ListUrl LogonError LogonUserDisplayName LogonUserSid Logs Longitude MachineDomainInfo "
    "MachineId MailboxGuid MailboxOwnerMasterAccountSid MailboxOwnerSid MailboxOwnerUPN "
    "MailboxPrimaryAddress MalwareFamily MeetingId MemberEmail MemberIds MemberRights MemberSid "
    "MemberUpn Message MessageID MessageList MessageTime MessageURLs ModifiedObjectResolvedName "
    "NameOfDownloadedZipFile NetworkMessageId NewContainerId NewLabel NewPlanId NewValue "
    "NonPIIParameters NonPiiParameters Object1Id Object1Name Object1Type Object2Id Object2Name "
    "Object2Type ObjectId OldLabel OldValue OnBehalfOfResId Operation OperationInput "
    "OrgAppPermission OrgIdPuid OrganizationId OrganizationName OrganizationOwner "
    "OriginalContainerId OriginalPlanId OriginatingServer P1Sender P2Sender ParentEntityId "
    "ParentMessageId Path PipelineName PipelineRunId PlaceType PlanId PlanList Policy PolicyID "
    "PolicyId PolicyName PrimaryFieldValue PrivacyPolicyType ProductType ProfileName ProjectId "
    "PromptText Property ProtectionUnitID ProvisioningStatus Puid PulseId Query QueryId "
    "QueryResponse QueryText QueryTime Reason ReceivedDate Recipient RecipientEmail RecipientName "
    "RecordNumber ReleaseTo ReportMetadata ReportName RequestId ResharePermission ResourceURL "
    "RestoreLocation RestoreLocationType RestoreTime Result ResultCount ResultMessage "
    "ResultStatus RiskDetail RiskEventType RiskId RiskLevel RiskState RoadmapId RoadmapItemId "
    "RollbackBuildNumber Roster RuleId RuleMode RuleName RunEndTime RunStartTime SHA256 "
    "ScenarioType Schedule ScopeFiltersUris ScopeList SearchScope SendAsUserMailboxGuid "
    "SendAsUserSmtp SendOnBehalfOfUserMailboxGuid SendOnBehalfOfUserSmtp Sender SenderIP SenderIp "
    "SensitiveInformationTypeName SensitiveType Sensitivity SensitivityLabelId "
    "SensitivityLabelOwnerEmail Sent ServiceType SessionDurationInSecs SessionEndTime SessionId "
    "SessionStartTime SettingId SettingName Severity ShareId ShareName SharedWithContainerId "
    "SharingType Site SiteCollectionGuid SiteCollectionUrl SiteUrl Smtp Source SourceApp "
    "SourceFileExtension SourceFileName SourceId SourceLabel SourceName SourceRelativeUrl "
    "SourceUserId StartDate StartTime StartTimeUtc State Status Subject SubmissionId "
    "SubmissionNotification SubscriptionId SuccessStatus SupportTicketId SwitchState "
    "SyncStartTime TAK TabType TableName TargetContextId TargetObjectId TargetUserId "
    "TargetUserOrGroupName TargetUserOrGroupType TaskID TaskId TaskList TeamGuid TeamName "
    "TenantId TenantSettings ThreatsAndDetectionTech TimeData TimeOfClick TimestampUtc "
    "TokenIssuerType TokenObjectId TokenTenantId TokenType ToolID ToolName TriggerMode UPN URL "
    "URLPath UndeliveredScope UniqueId UniqueSharingId UniqueTokenId UniqueTokenIdentifier Upn "
    "Url UserAgent UserDisplayName UserDomain UserId UserIp UserKey UserRole UserServicePlan "
    "UserSharedWith UserSubmission UserSubmissionTriage Username Verdict WorkSpaceName Workload "
    "WpaUserRole itemCreationTime ";
constexpr std::string_view kIntegerNames =
    "ActorYammerUserId AgentType AggregateDurationInSeconds ApprovalValidDays "
    "AttachmentSizeInBytes AuthenticationStatus AzureActiveDirectoryEventType ClassificationMode "
    "ClassificationPosture ClassificationResult Confidence Count CountOfArtifactsBeingAdded "
    "CountOfArtifactsBeingRemoved DataScanned Deadline ElevationDuration EventId "
    "ExecutionDuration FileId FileSizeBytes InternalLogonType ItemSize JobExecutionDurationInSecs "
    "JobTotalDurationInSecs LoginStatus LogonType MailCount MemoryPeak MessageSizeInBytes "
    "OperationCount OperationStatus Priority RecipientCount RecordType ResultTableCount RowCount "
    "ScopeCountDelivered ScopeCountRequested SizeInBytes TargetYammerUserId ThreadId TotalCPU "
    "TotalCpuHours TotalSCUHours UniqueCount UserType Version VersionId WaveDelay YammerNetworkId "
    "recipientCount ";
constexpr std::string_view kBooleanNames =
    "AssignedToMeEnabled CrossMailboxOperations ExternalAccess FalsePositive ForAllUsers IsDocLib "
    "IsHiddenList IsMatch IsPriorityCleanup IsRecord IsRetry IsSoftDelete "
    "IsViewableByExternalUsers IsWorkflow ProjectEnabled ResultsTruncated RoadmapEnabled "
    "SaveToSentItems SensitiveInfoDetectionIsIncluded UserCancelled ";
constexpr std::string_view kListNames =
    "APIsCalled Actions Actor AddedIdentities AdditionalActionsAndResults AffectedItems "
    "AgreementRecipients AttachmentData AuthDetails BCC CC ClassificationInfo "
    "ClientIPs CountByDeliveryStatus CountByThreatType DataSources DatabasesRead DatabasesWrite "
    "Datasets "
    "Devices Entities FileHashes Files FolderItems Folders FormTypes FormsUserTypes "
    "HostedContents Invitees ItemIds ItemNames Members MembershipInformation MessageItems "
    "Messages NetworkMessageIds OrganizationAdmins OverriddenActions Policies PolicyDetails "
    "PreviousClassificationInfo Priorities ProfileExclusionWindows QueryFiles Receivers "
    "RelatedAlertIds RemovedIdentities Rules SensitiveInformation SharingInformation "
    "SubscriptionsEnabled SystemOverrides Tables TablesRead TablesWrite Target Threats To "
    "TotalRows Urls UserAssignments Waves recipientList ";
constexpr std::string_view kPairsNames =
    "DetectedValues DeviceProperties DocumentProperties EventDetails ExclusionList "
    "ExtendedProperties ExtraProperties Fields Groups ItemDetails ModifiedFields "
    "ModifiedProperties OperationDetails OperationProperties OtherConditions Parameters ";
constexpr std::string_view kObjectNames =
    "AppAccessContext DestFolder ExchangeMetaData Folder Item ";
constexpr std::string_view kAnyNames =
    "AadAppId AddOnType AdditionalInfo AgreementStatus AlertLinks AssignmentMethod Attachments "
    "AttackSimAdminEvent AttackSimEvent AuthenticationType BrowserName BrowserVersion "
    "ChannelChange ChannelChangeDevices ClientRegion Common CommunicationType "
    "ConditionsMatched ConfigScope ContainerType CopilotEventData CrossMailboxOperation "
    "CustomUniqueId CustomizedDoclib DataCenterSecurityEventType DataState DataStoreType "
    "DataType DatabaseName DatabaseType Details DeviceDisplayName DoNotDistributeEvent "
    "DocumentMetaData EndpointMetaData EventData EventName ExchangeDetails "
    "FailureType FileData FileSyncBytesCommitted FileVerdict FlowName FromApp GeoCoordinates "
    "GeoLocation HighPriorityMediaProcessing ImplicitShare IncidentId IntraSystemId Invitation "
    "IsManagedDevice IsSuccess ItemCount ListColor ListIcon ListServerTemplate Location "
    "MbxLoginLocalQueueADLookupInfo MessageId Name NewContainerType ObjectName "
    "OriginalContainerType ParentFolder ParentMessage ParticipantInfo Permission Platform "
    "PolicyAction ProfileState ProtectionEventData PulseCreate PulseDataExport PulseInvite "
    "PulseReportShare PulseTenantSettingsUpdate Recipients RelativeUrl RequestSource "
    "RequestType Role RollbackDevices RollbackType Scope SecurityComplianceCenterEventType "
    "SensitiveInfoTypeData SensitiveInformationDetections SensitivityLabelEventData Settings "
    "SharePointMetaData SharedWithContainerAccessLevel SharedWithContainerType "
    "SkipForServiceWorker SkypeForBusinessEventType SourceWorkload SyncFrequency Teams "
    "TemplateTypeId TenantName ThreadType Type URLClickAction UpdateValidationState UserAction "
    "UserTrainingEvent VirusInfo WebId";

struct FieldId {
  std::string_view name;
  Field field;
};
constexpr FieldId kFieldIds[] = {
#define X(name) {#name, Field::k##name},
    PICKET_AUDIT_FIELDS(X)
#undef X
};

uint64_t HashName(std::string_view name) {
  uint64_t a = 0;
  uint64_t b = 0;
  const size_t n = name.size();
  if (n >= 8) {
    std::memcpy(&a, name.data(), 8);
    std::memcpy(&b, name.data() + n - 8, 8);
  } else if (n >= 4) {
    uint32_t low;
    uint32_t high;
    std::memcpy(&low, name.data(), 4);
    std::memcpy(&high, name.data() + n - 4, 4);
    a = low;
    b = high;
  } else {
    for (size_t i = 0; i < n; ++i) a = a << 8 | static_cast<uint8_t>(name[i]);
  }
  const uint64_t hash = (a ^ (b << 23 | b >> 41) ^ n) * 0x9e3779b97f4a7c15ull;
  return hash ^ hash >> 29;
}

class FieldTable {
 public:
  FieldTable() : exact_(kSlots, 0), lower_(kSlots, 0) {
    fields_.reserve(kMostAuditFields);
    fields_.emplace_back();  // number 0 is no field
    for (const FieldId& id : kFieldIds) {
      Add(id.name);
      fields_.back().field = id.field;
    }
    AddAll(kTextNames, FieldType::kText);
    AddAll(kIntegerNames, FieldType::kInteger);
    AddAll(kBooleanNames, FieldType::kBoolean);
    AddAll(kListNames, FieldType::kList);
    AddAll(kPairsNames, FieldType::kPairs);
    AddAll(kObjectNames, FieldType::kObject);
    AddAll(kAnyNames, FieldType::kAny);
    for (const FieldPath& path : FieldPaths()) {
      const bool own_text = path.kept == Kept::kText || path.kept == Kept::kTextOrUnmapped;
      if (own_text) Mutable(path.sources).mapped = true;
    }
    // Of names that differ only in case (Id, ID) the one that the mapping reads is found first.
    for (const bool read : {true, false}) {
      for (size_t i = 1; i < fields_.size(); ++i) {
        if ((fields_[i].field != Field::kOther) == read) {
          Insert(lower_, LowerAscii(fields_[i].name()), i);
        }
      }
    }
  }

  const AuditField* fields() const { return fields_.data(); }

  const AuditField* Find(std::string_view name) const {
    for (size_t at = HashName(name) & (kSlots - 1); exact_[at] != 0; at = (at + 1) & (kSlots - 1)) {
      const AuditField& field = fields_[exact_[at]];
      if (field.name() == name) return &field;
    }
    return nullptr;
  }

  const AuditField* FindAnyCase(std::string_view name) const {
    char buffer[64];
    if (name.size() > sizeof(buffer)) return nullptr;
    for (size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      buffer[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    const std::string_view key(buffer, name.size());
    for (size_t at = HashName(key) & (kSlots - 1); lower_[at] != 0; at = (at + 1) & (kSlots - 1)) {
      const AuditField& field = fields_[lower_[at]];
      if (EqualsIgnoreCase(field.name(), key)) return &field;
    }
    return nullptr;
  }

 private:
  static constexpr size_t kSlots = 4096;

  static std::string_view TakeName(std::string_view& rest) {
    const size_t blank = rest.find(' ');
    const std::string_view name = rest.substr(0, blank);
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    return name;
  }

  void Add(std::string_view name) {
    const std::string key = "\"" + std::string(name) + "\":";
    PICKET_CHECK(key.size() <= AuditField::kLongestKey && fields_.size() < kMostAuditFields);
    AuditField& field = fields_.emplace_back();
    std::memcpy(field.key, key.data(), key.size());
    field.key_size = static_cast<uint8_t>(key.size());
    if (key.size() <= AuditField::kLongestPlainKey) field.plain_key_size = field.key_size;
    field.number = static_cast<uint16_t>(fields_.size() - 1);
    Insert(exact_, name, field.number);
  }

  void AddAll(std::string_view names, FieldType type) {
    while (!names.empty()) {
      const std::string_view name = TakeName(names);
      if (Find(name) == nullptr) Add(name);
      Mutable(name).type = type;
    }
  }

  static void Insert(std::vector<uint16_t>& slots, std::string_view name, size_t number) {
    size_t at = HashName(name) & (kSlots - 1);
    while (slots[at] != 0) at = (at + 1) & (kSlots - 1);
    slots[at] = static_cast<uint16_t>(number);
  }

  AuditField& Mutable(std::string_view name) { return *const_cast<AuditField*>(Find(name)); }

  std::vector<AuditField> fields_;
  std::vector<uint16_t> exact_;  // number of the field
  std::vector<uint16_t> lower_;
};

const FieldTable& Table() {
  static const FieldTable* const table = new FieldTable();
  return *table;
}

}  // namespace

const AuditField* FindAuditField(std::string_view name) {
  const FieldTable& table = Table();
  if (const AuditField* const field = table.Find(name)) return field;
  return table.FindAnyCase(name);
}

const AuditField* AuditFieldTable() { return Table().fields(); }

}  // namespace picket
