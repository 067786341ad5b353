#include "model/documented_fields.h"

namespace picket {
namespace {

// The documented types. If the documents give no type or contradict each other, the table has the
// type found in records. Enumerations are integers.
// clang-format off
constexpr DocumentedFields kDocumentedFields[] = {
    {"", "text",
     "AadAppId AADGroupId AADSessionId Action ActionId ActionStatus ActionType Activity "
     "ActivityDateTime ActivityParameters ActorContextId ActorInfoString ActorIP ActorIpAddress "
     "ActorUserId AdditionalInfo AddOnGuid AddOnName Address AdminSubmissionDeliveryCheck "
     "AdminSubmissionRegistered AdminSubmissionSubmitted AdminSubmissionSubmitting "
     "AdminSubmissionTablAllow AdminSubmissionTimeout AdminSubmissionTriage AgentID AgentName "
     "AgreementCreationDateTime AgreementId AgreementSender AlertEntityId AlertId AlertType "
     "Algorithm Altitude APIId AppId Application ApplicationDisplayName ApplicationId "
     "ApplicationMode ApplicationName ApplicationVersion AppName AppRegistrationTenantId "
     "ApprovalExpiryDateInUTC ApprovalUpdatedDateInUTC ApprovedBy Approver AttachmentId "
     "AttachmentName Attachments AttackSimUserSubmission AttackTechnique Audit "
     "AuthenticationMethod AuthenticationType AuthType AutomationId BackupItemID BackupItemId "
     "BackupItemType BillingAzureResourceGroupName BillingAzureSubscriptionId BillingPolicyId "
     "BrowserName BrowserVersion CampaignType CaseId CaseName Category ChannelGuid ChannelName "
     "ChannelType ChatName ChatThreadId City Client ClientAppId ClientApplication ClientAppName "
     "ClientInfoString ClientIP ClientIPAddress ClientMachineName ClientProcessName ClientRegion "
     "ClientRequestId ClientUUID ClientVersion CloudInstanceName CmdletVersion Comments "
     "CommunicationType ComplianceLabel ComponentFault Compute ConfigId ConfigName Connectors "
     "ConsumerMailbox ContactEmail1DisplayName ContactEmail1EmailAddress "
     "ContactEmail2DisplayName ContactEmail2EmailAddress ContactEmail3DisplayName "
     "ContactEmail3EmailAddress ContainerId CopyActivityRunId CorrelationId CountryOrRegion "
     "CreationMethodology CreationTime CrmOrganizationUniqueName CustomEvent CustomSubmission "
     "DashboardName Data DatabaseName DatabaseType DataClassification DataDSRControl "
     "DataExportType DataOnboardingAtSetup DataOnboardingStatus DatasetColumns DatasetName "
     "DataState DataType DeeplinkURL DenyGroups Description DestinationFileExtension "
     "DestinationFileName DestinationLabel DestinationRelativeUrl DestinationSinks "
     "DestinationTenantId DestMailboxId DestMailboxOwnerMasterAccountSid DestMailboxOwnerSid "
     "DestMailboxOwnerUPN Detail Details DetectedDateTime DetectionMethod DetectionTimingType "
     "DetectionType DeviceDisplayName DeviceId DeviceName Directionality DiscardEmployeeIds "
     "DiscoveryId DisplayName DocumentId DocumentLastModifier DocumentSharer DomainURL "
     "EditMethodology EffectiveOrganization ElevationApprovedTime ElevationApprover "
     "ElevationRequestId ElevationRole ElevationTime EndDate EndTime EndTimeData EndTimeUtc "
     "Entity EntityId EntityName EntityType EnvironmentId EnvironmentName ErrorCode ErrorNumber "
     "Event EventData EventDeepLink EventName EventOccurenceTime EventSource EventTime "
     "EventValue ExceptionInfo ExportName ExportTriggeredAt ExtendedCompletionDate "
     "ExternalUserTenantId FailureReason FeedBackComponentName FileExtension FileName FileOwner "
     "FileOwnerEmail FilePath FilePathUrl FileSize FileType FinalOverride FlowName FormId "
     "FormName From GenericInfo GeoLocation GoalList GraphName GroupName HostAppId ID Id "
     "ImmutableId ImplicitShare ImportType IncidentId InputParameters InstanceUrl Interface "
     "InternetMessageId InterSystemsId IntraSystemId IntraSystemsId InvestigationId "
     "InvestigationName InvestigationType Invitee InviteeTenantId IssuedAtTime itemCreationTime "
     "ItemID ItemId ItemName ItemType ItemUrl JobEndTime JobId JobName JobRunStatus JobStartTime "
     "JobType Justification KernalId Key LabelAction LabelAppliedDateTime LabelId LabelName "
     "LastModifiedBy LastModifiedDate LastModifiedTime LastUpdatedDateTime LastUpdateTimeUtc "
     "Latitude ListBaseTemplateType ListBaseType ListColor ListIcon ListId ListItemUniqueId "
     "ListName ListServerTemplate ListTitle ListUrl LogonError LogonUserDisplayName LogonUserSid "
     "Logs Longitude MachineDomainInfo MachineId MailboxGuid MailboxOwnerMasterAccountSid "
     "MailboxOwnerSid MailboxOwnerUPN MailboxPrimaryAddress MalwareFamily MeetingId MemberEmail "
     "MemberIds MemberRights MemberSid MemberUpn Message MessageID MessageId MessageList "
     "MessageTime MessageURLs ModifiedObjectResolvedName Name NameOfDownloadedZipFile "
     "NetworkMessageId NewContainerId NewLabel NewPlanId NewValue NonPIIParameters "
     "NonPiiParameters Object1Id Object1Name Object1Type Object2Id Object2Name Object2Type "
     "ObjectId ObjectName OldLabel OldValue OnBehalfOfResId Operation OperationInput "
     "OrganizationId OrganizationName OrganizationOwner OrgAppPermission OrgIdPuid "
     "OriginalContainerId OriginalPlanId OriginatingServer P1Sender P2Sender ParentEntityId "
     "ParentMessageId Path Permission PipelineName PipelineRunId PlaceType PlanId PlanList "
     "Platform Policy PolicyAction PolicyID PolicyId PolicyName PrimaryFieldValue "
     "PrivacyPolicyType ProductType ProfileName ProjectId PromptText Property ProtectionUnitID "
     "ProvisioningStatus Puid PulseCreate PulseDataExport PulseId PulseInvite PulseReportShare "
     "PulseTenantSettingsUpdate Query QueryId QueryResponse QueryText QueryTime Reason "
     "ReceivedDate Recipient RecipientEmail RecipientName RecordNumber RelativeUrl ReleaseTo "
     "ReportMetadata ReportName RequestId ResharePermission ResourceURL RestoreLocation "
     "RestoreLocationType RestoreTime Result ResultCount ResultMessage ResultStatus RiskDetail "
     "RiskEventType RiskId RiskLevel RiskState RoadmapId RoadmapItemId Role RollbackBuildNumber "
     "Roster RuleId RuleMode RuleName RunEndTime RunStartTime ScenarioType Schedule "
     "ScopeFiltersUris ScopeList SearchScope SendAsUserMailboxGuid SendAsUserSmtp Sender "
     "SenderIP SenderIp SendOnBehalfOfUserMailboxGuid SendOnBehalfOfUserSmtp "
     "SensitiveInformationTypeName SensitiveType Sensitivity SensitivityLabelId "
     "SensitivityLabelOwnerEmail Sent ServiceType SessionDurationInSecs SessionEndTime SessionId "
     "SessionStartTime SettingId SettingName Severity SHA256 SharedWithContainerId ShareId "
     "ShareName SharingType Site SiteCollectionGuid SiteCollectionUrl SiteUrl Smtp Source "
     "SourceApp SourceFileExtension SourceFileName SourceId SourceLabel SourceName "
     "SourceRelativeUrl SourceUserId StartDate StartTime StartTimeUtc State Status Subject "
     "SubmissionId SubmissionNotification SubscriptionId SuccessStatus SupportTicketId "
     "SwitchState SyncStartTime TableName TabType TAK TargetContextId TargetObjectId "
     "TargetUserId TargetUserOrGroupName TargetUserOrGroupType TaskID TaskId TaskList TeamGuid "
     "TeamName TemplateTypeId TenantId TenantName TenantSettings ThreatsAndDetectionTech "
     "TimeData TimeOfClick TimestampUtc TokenIssuerType TokenObjectId TokenTenantId TokenType "
     "ToolID ToolName TriggerMode Type UndeliveredScope UniqueId UniqueSharingId UniqueTokenId "
     "UniqueTokenIdentifier UPN Upn URL Url URLPath UserAgent UserDisplayName UserDomain UserId "
     "UserIp UserKey Username UserRole UserServicePlan UserSharedWith UserSubmission "
     "UserSubmissionTriage Verdict VirusInfo WebId Workload WorkSpaceName WpaUserRole"},
    {"", "integer",
     "ActorYammerUserId AddOnType AgentType AggregateDurationInSeconds AgreementStatus "
     "ApprovalValidDays AssignmentMethod AttachmentSizeInBytes AttackSimAdminEvent "
     "AttackSimEvent AuthenticationStatus AzureActiveDirectoryEventType ChannelChange "
     "ClassificationMode ClassificationPosture ClassificationResult Confidence ConfigScope "
     "ContainerType Count CountOfArtifactsBeingAdded CountOfArtifactsBeingRemoved "
     "DataCenterSecurityEventType DataScanned DataStoreType Deadline ElevationDuration "
     "EnforcementMode EventId ExecutionDuration FailureType FileId FileSizeBytes "
     "FileSyncBytesCommitted FileVerdict InternalLogonType ItemCount ItemSize "
     "JobExecutionDurationInSecs JobTotalDurationInSecs LoginStatus LogonType MailCount "
     "MemoryPeak MessageSizeInBytes NewContainerType OperationCount OperationStatus "
     "OriginalContainerType Priority ProfileState RecipientCount recipientCount RecordType "
     "RequestSource RequestType ResultTableCount RollbackType RowCount Scope ScopeCountDelivered "
     "ScopeCountRequested SecurityComplianceCenterEventType SharedWithContainerAccessLevel "
     "SharedWithContainerType SizeInBytes SkypeForBusinessEventType SourceWorkload SyncFrequency "
     "TargetYammerUserId ThreadId ThreadType TotalCPU TotalCpuHours TotalSCUHours UniqueCount "
     "UpdateValidationState URLClickAction UserAction UserTrainingEvent UserType Version "
     "VersionId WaveDelay YammerNetworkId"},
    {"", "boolean",
     "AssignedToMeEnabled CrossMailboxOperation CrossMailboxOperations CustomizedDoclib "
     "CustomUniqueId DoNotDistributeEvent ExternalAccess FalsePositive ForAllUsers FromApp "
     "HighPriorityMediaProcessing IsDocLib IsHiddenList IsManagedDevice IsMatch "
     "IsPriorityCleanup IsRecord IsRetry IsSoftDelete IsSuccess IsViewableByExternalUsers "
     "IsWorkflow ProjectEnabled ResultsTruncated RoadmapEnabled SaveToSentItems "
     "SensitiveInfoDetectionIsIncluded SkipForServiceWorker UserCancelled"},
    {"", "pairs",
     "DeviceProperties ExtendedProperties ModifiedProperties OperationProperties Parameters"},
    {"", "Identity[]", "Actor Target"},
    {"", "EmailAddress[]", "recipientList"},
    {"", "ExchangeItem", "Item"},
    {"", "ExchangeItem[]", "AffectedItems"},
    {"", "ExchangeFolder", "DestFolder Folder ParentFolder"},
    {"", "ExchangeFolder[]", "Folders"},
    {"", "FolderItem[]", "FolderItems MessageItems"},
    {"", "Message[]", "Messages"},
    {"", "Message", "ParentMessage"},
    {"", "AppAccessContext", "AppAccessContext"},
    {"", "DlpFile", "DocumentMetaData SharePointMetaData"},
    {"", "DlpMail", "ExchangeMetaData"},
    {"", "DlpEndpoint", "EndpointMetaData"},
    {"", "DlpPolicy[]", "PolicyDetails"},
    {"", "DlpRule[]", "Rules"},
    {"", "DlpConditions", "ConditionsMatched"},
    {"", "SensitiveInformation[]",
     "ClassificationInfo PreviousClassificationInfo SensitiveInformation"},
    {"", "Detections", "SensitiveInformationDetections"},
    {"", "TeamsMember[]", "Members"},
    {"", "HostedContent[]", "HostedContents"},
    {"", "FileData", "FileData"},
    {"", "FileData[]", "AttachmentData"},
    {"", "SystemOverride[]", "SystemOverrides"},
    {"", "AlertLink[]", "AlertLinks"},
    {"", "Endpoint", "Common"},
    {"", "Copilot", "CopilotEventData"},
    {"", "LabelEvent", "SensitivityLabelEventData"},
    {"", "ProtectionEvent", "ProtectionEventData"},
    {"", "Policy[]", "Policies"},
    {"", "Priority[]", "Priorities"},
    {"", "Setting[]", "Settings"},
    {"", "Wave[]", "Waves"},
    {"", "Rollback", "RollbackDevices"},
    {"", "ChannelChange", "ChannelChangeDevices"},
    {"", "ExclusionWindow[]", "ProfileExclusionWindows"},
    {"", "Invitation", "Invitation"},
    {"", "Location", "Location"},
    {"", "Coordinates", "GeoCoordinates"},
    {"", "Membership[]", "MembershipInformation"},
    {"", "Sharing[]", "SharingInformation"},
    {"", "Dataset[]", "Datasets"},
    {"", "MailDetails", "ExchangeDetails"},
    {"", "DirectoryLookup", "MbxLoginLocalQueueADLookupInfo"},
    {"", "Participants", "ParticipantInfo"},
    {"", "Pair[]",
     "AuthDetails DetectedValues DocumentProperties EventDetails ExclusionList ExtraProperties "
     "Fields Groups ItemDetails ModifiedFields OperationDetails OtherConditions"},
    {"", "text[]",
     "Actions AddedIdentities AdditionalActionsAndResults APIsCalled BCC CC ClientIPs "
     "CountByDeliveryStatus CountByThreatType DatabasesRead DatabasesWrite DataSources Devices "
     "Entities FileHashes Invitees ItemIds ItemNames NetworkMessageIds OrganizationAdmins "
     "OverriddenActions QueryFiles Receivers Recipients RelatedAlertIds RemovedIdentities "
     "SubscriptionsEnabled Tables TablesRead TablesWrite Threats To UserAssignments"},
    {"", "integer[]", "FormsUserTypes FormTypes TotalRows"},
    {"", "object[]", "AgreementRecipients Files SensitiveInfoTypeData Urls"},
    {"", "object", "Teams"},
    {"AppAccessContext", "text",
     "AADSessionId APIId ClientAppId ClientAppName CorrelationId IssuedAtTime UniqueTokenId"},
    {"EmailAddress", "text", "Address"},
    {"Identity", "text", "ID"},
    {"Identity", "integer", "Type"},
    {"ExchangeItem", "text",
     "Attachments ComplianceLabel Id ImmutableId InternetMessageId Sensitivity Subject"},
    {"ExchangeItem", "boolean", "IsPriorityCleanup IsRecord"},
    {"ExchangeItem", "integer", "SizeInBytes"},
    {"ExchangeItem", "ExchangeFolder", "ParentFolder"},
    {"ExchangeItem", "Message", "ParentMessage"},
    {"ExchangeFolder", "text", "Id MemberRights MemberSid MemberUpn Name Path"},
    {"ExchangeFolder", "FolderItem[]", "FolderItems"},
    {"FolderItem", "text",
     "ClientRequestId CreationTime Id ImmutableId InternetMessageId Sensitivity Subject"},
    {"FolderItem", "integer", "SizeInBytes"},
    {"FolderItem", "object", "Teams"},
    {"Message", "text",
     "AADGroupId ChannelGuid ChannelName ChannelType ChatName ChatThreadId Id ParentMessageId "
     "Path TeamGuid TeamName Version"},
    {"Message", "integer", "SizeInBytes"},
    {"Message", "FolderItem[]", "MessageItems"},
    {"DlpFile", "text",
     "DocumentLastModifier DocumentSharer FileName FileOwner FileOwnerEmail FilePathUrl From "
     "itemCreationTime LastModifiedTime SiteCollectionGuid SiteCollectionUrl UniqueID UniqueId"},
    {"DlpFile", "boolean", "IsViewableByExternalUsers"},
    {"DlpMail", "text", "From MessageID Sent Subject"},
    {"DlpMail", "text[]", "BCC CC To"},
    {"DlpMail", "integer", "RecipientCount"},
    {"DlpEndpoint", "text", "DeviceName EnforcementMode FileExtension FileType"},
    {"DlpEndpoint", "SensitiveInformation[]", "SensitiveInformation"},
    {"DlpPolicy", "text", "PolicyId PolicyName"},
    {"DlpPolicy", "DlpRule[]", "Rules"},
    {"DlpRule", "text", "RuleId RuleMode RuleName Severity"},
    {"DlpRule", "text[]", "Actions OverriddenActions"},
    {"DlpRule", "DlpConditions", "ConditionsMatched"},
    {"DlpConditions", "SensitiveInformation[]", "SensitiveInformation"},
    {"DlpConditions", "Pair[]", "DocumentProperties OtherConditions"},
    {"DlpConditions", "boolean", "ConditionMatchedInNewScheme"},
    {"SensitiveInformation", "text", "Location SensitiveInformationTypeName SensitiveType"},
    {"SensitiveInformation", "integer", "Confidence Count UniqueCount"},
    {"SensitiveInformation", "Detections", "SensitiveInformationDetections"},
    {"Detections", "Pair[]", "DetectedValues"},
    {"Detections", "boolean", "ResultsTruncated"},
    {"Pair", "text", "Key Name NewValue OldValue Value"},
    {"TeamsMember", "text", "DisplayName UPN"},
    {"TeamsMember", "integer", "Role"},
    {"HostedContent", "text", "Id"},
    {"HostedContent", "integer", "SizeInBytes"},
    {"FileData", "text", "DocumentId FileName FilePath FileSize FileType MalwareFamily SHA256"},
    {"FileData", "integer", "FileVerdict"},
    {"SystemOverride", "text", "Details FinalOverride Result Source"},
    {"AlertLink", "text", "AlertLinkHref"},
    {"Endpoint", "text",
     "ApplicationId ApplicationName DeviceName Location ProcessName ProductVersion"},
    {"Endpoint", "integer", "Platform"},
    {"Copilot", "text", "AppHost ThreadId"},
    {"Copilot", "Plugin[]", "AISystemPlugin"},
    {"Copilot", "CopilotResource[]", "AccessedResources"},
    {"Copilot", "CopilotContext[]", "Contexts"},
    {"Copilot", "text[]", "MessageIds"},
    {"Copilot", "CopilotMessage[]", "Messages"},
    {"Copilot", "Model[]", "ModelTransparencyDetails"},
    {"Plugin", "text", "Id Name Version"},
    {"CopilotResource", "text", "Action Id listItemUniqueId Name SensitivityLabelId SiteUrl Type"},
    {"CopilotContext", "text", "Id Type"},
    {"CopilotMessage", "text", "Id"},
    {"CopilotMessage", "boolean", "isPrompt"},
    {"Model", "text", "ModelName ModelProviderName ModelVersion"},
    {"LabelEvent", "text", "OldSensitivityLabelId SensitivityLabelId"},
    {"LabelEvent", "integer", "ActionSource LabelEventType"},
    {"ProtectionEvent", "text", "ProtectionOwner ProtectionType TemplateId"},
    {"ProtectionEvent", "integer", "ProtectionEventType"},
    {"ProtectionEvent", "boolean", "IsProtected IsProtectedBefore"},
    {"Policy", "text", "PolicyId PolicyName"},
    {"Policy", "Setting[]", "Settings"},
    {"Priority", "text", "ConfigId ConfigName"},
    {"Setting", "text", "Name NewValue OldValue SettingId SettingName Value"},
    {"Wave", "integer", "Type"},
    {"Wave", "Pair[]", "Groups"},
    {"Rollback", "text", "RollbackBuildNumber"},
    {"Rollback", "integer", "RollbackType"},
    {"Rollback", "text[]", "Devices"},
    {"ChannelChange", "integer", "ChannelChange"},
    {"ChannelChange", "text[]", "Devices"},
    {"ChannelChange", "Pair[]", "Groups"},
    {"ExclusionWindow", "text", "EndDate StartDate"},
    {"ExclusionWindow", "Pair[]", "Groups"},
    {"Invitation", "text", "InviteeTenantId ShareId ShareName SyncStartTime"},
    {"Invitation", "integer", "SyncFrequency"},
    {"Invitation", "text[]", "Invitees"},
    {"Location", "text", "City CountryOrRegion State"},
    {"Location", "Coordinates", "GeoCoordinates"},
    {"Coordinates", "text", "Altitude Latitude Longitude"},
    {"Membership", "text", "MemberEmail Status"},
    {"Sharing", "text", "RecipientEmail RecipientName ResharePermission"},
    {"Dataset", "text",
     "DatasetColumns DatasetName DenyGroups PrivacyPolicyType Scope ScopeFiltersUris ScopeList"},
    {"MailDetails", "text",
     "Directionality From InternetMessageId MessageTime NetworkMessageId Subject"},
    {"MailDetails", "text[]", "Recipients"},
    {"MailDetails", "FileData[]", "AttachmentData"},
    {"DirectoryLookup", "text", "ConsumerMailbox OrgIdPuid Puid SearchScope Smtp"},
    {"Participants", "boolean",
     "HasForeignTenantUsers HasGuestUsers HasOtherGuestUsers HasUnauthenticatedUsers"},
    {"Participants", "text[]", "ParticipatingDomains ParticipatingTenantIds"},
    {"Participants", "SipDomain[]", "ParticipatingSIPDomains"},
    {"SipDomain", "text", "DomainName TenantId"},
    // Some collectors put each record into an object of their own (a wrapper). The unwrapper
    // (parser/input/unwrapper.h) keeps the other fields of that object in the member `wrapper`.
    {"", "Wrapper", "wrapper"},
    {"Wrapper", "text", "format"},
    {"Wrapper", "WrapperField[]", "fields"},
    {"WrapperField", "text", "name value"},
};
// clang-format on

}  // namespace

absl::Span<const DocumentedFields> AllDocumentedFields() { return kDocumentedFields; }

}  // namespace picket
