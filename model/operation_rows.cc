#include "model/operation_rows.h"

#include <cstring>
#include <utility>
#include <vector>

#include "common/strings.h"
#include "model/ocsf_class.h"

namespace picket {
namespace {

using namespace ocsf;  // NOLINT(google-build-using-namespace): nearly every row uses these names

constexpr uint16_t kMail = kExchange;
constexpr uint16_t kNotMail = (2 * kOtherWorkload - 1) & ~kExchange;
constexpr uint16_t kFiles = kSharePoint;

// Lines hold several operations, a layout that clang-format does not keep.
// clang-format off
constexpr MappingRow kRows[] = {
    // Sign-ins.
    {"UserLoggedIn|UserLoginFailed|PasswordLogonInitialAuthUsingPassword|"
     "ForeignRealmIndexLogonCookieCopyUsingDAToken", kAnyWorkload, kAuthentication, 1,
     Subject::kSignIn},
    {"MailboxLogin", kAnyWorkload, kAuthentication, 1, Subject::kSignIn, 1, {}, "Exchange"},
    {"TeamsSessionStarted", kAnyWorkload, kAuthentication, 1, Subject::kSignIn, 1, {},
     "Microsoft Teams"},
    {"UserLoggedOff|SignOut", kAnyWorkload, kAuthentication, 2, Subject::kSignIn},

    // Accounts.
    {"Add user", kAnyWorkload, kAccountChange, 1, Subject::kTargetUser},
    {"Invite external user", kAnyWorkload, kAccountChange, 1, Subject::kTargetUser, 1,
     "guest_invited"},
    {"Delete user|Hard Delete user", kAnyWorkload, kAccountChange, 6, Subject::kTargetUser},
    {"Update user", kAnyWorkload, kAccountChange, 99, Subject::kTargetUser, 1, {}, "Update"},
    {"Disable account", kAnyWorkload, kAccountChange, 5, Subject::kTargetUser},
    {"Enable account|Restore user", kAnyWorkload, kAccountChange, 2, Subject::kTargetUser},
    {"Change user password|Change password (self-service)", kAnyWorkload, kAccountChange, 3,
     Subject::kTargetUser},
    {"Reset user password|Set force change user password|Reset password (self-service)|"
     "Reset password (by admin)", kAnyWorkload, kAccountChange, 4, Subject::kTargetUser},
    {"Enable Strong Authentication|User registered security info|"
     "User registered all required security info|Admin registered security info", kAnyWorkload,
     kAccountChange, 10, Subject::kTargetUser},
    {"Disable Strong Authentication|User deleted security info|Admin deleted security info",
     kAnyWorkload, kAccountChange, 11, Subject::kTargetUser, 1, "mfa_removed"},
    {"Update StsRefreshTokenValidFrom Timestamp", kAnyWorkload, kAccountChange, 99,
     Subject::kTargetUser, 1, {}, "Revoke Sessions"},
    {"Change user license", kAnyWorkload, kAccountChange, 99, Subject::kTargetUser, 1, {},
     "Change License"},
    {"UserSuspension", kYammer, kAccountChange, 5, Subject::kTargetUser},

    // Roles, grants, consent.
    {"Add member to role|Add eligible member to role|Add scoped member to role", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kRole, 3, "role_change"},
    {"Remove member from role|Remove eligible member from role|Remove scoped member from role",
     kAnyWorkload, kUserAccessManagement, 2, Subject::kRole, 3, "role_change"},
    {"Add app role assignment to service principal|Add app role assignment grant to user|"
     "Add app role assignment to group|Add app role assignment grant to group", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kAppRole, 3, "app_permission"},
    {"Remove app role assignment from service principal|Remove app role assignment from user|"
     "Remove app role assignment from group|Remove app role assignment grant to user", kAnyWorkload,
     kUserAccessManagement, 2, Subject::kAppRole},
    {"Add delegated permission grant", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kDelegatedGrant, 3, "app_permission"},
    {"Remove delegated permission grant", kAnyWorkload, kUserAccessManagement, 2,
     Subject::kDelegatedGrant},
    {"Consent to application", kAnyWorkload, kUserAccessManagement, 1, Subject::kConsent, 3,
     "consent"},
    {"Add owner to application|Add owner to service principal|Add owner to group", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kOwner, 3, "owner_change", "owner"},
    {"Remove owner from application|Remove owner from service principal|Remove owner from group",
     kAnyWorkload, kUserAccessManagement, 2, Subject::kOwner, 1, "owner_change", "owner"},

    // Groups.
    {"Add group", kAnyWorkload, kGroupManagement, 6, Subject::kGroup},
    {"Delete group|Hard Delete group", kAnyWorkload, kGroupManagement, 5, Subject::kGroup},
    {"Update group", kAnyWorkload, kGroupManagement, 99, Subject::kGroup, 1, {}, "Update"},
    {"Add member to group", kAnyWorkload, kGroupManagement, 3, Subject::kGroup},
    {"Remove member from group", kAnyWorkload, kGroupManagement, 4, Subject::kGroup},
    {"AddedToGroup", kAnyWorkload, kGroupManagement, 3, Subject::kSiteGroup},
    {"RemovedFromGroup", kAnyWorkload, kGroupManagement, 4, Subject::kSiteGroup},
    {"GroupAdded", kAnyWorkload, kGroupManagement, 6, Subject::kSiteGroup},
    {"GroupRemoved", kAnyWorkload, kGroupManagement, 5, Subject::kSiteGroup},
    {"GroupUpdated", kAnyWorkload, kGroupManagement, 99, Subject::kSiteGroup, 1, {}, "Update"},
    {"TeamCreated", kAnyWorkload, kGroupManagement, 6, Subject::kTeam},
    {"TeamDeleted", kAnyWorkload, kGroupManagement, 5, Subject::kTeam},
    {"MemberAdded", kTeams, kGroupManagement, 3, Subject::kTeam},
    {"MemberRemoved", kTeams, kGroupManagement, 4, Subject::kTeam},
    {"MemberRoleChanged", kTeams, kGroupManagement, 1, Subject::kTeam},
    {"GroupCreation", kYammer, kGroupManagement, 6, Subject::kTeam},
    {"GroupDeletion", kYammer, kGroupManagement, 5, Subject::kTeam},

    // Applications, devices, tenant, domains, policies.
    {"Add application", kAnyWorkload, kEntityManagement, 1, Subject::kEntity, 1, {}, "Application"},
    {"Add service principal", kAnyWorkload, kEntityManagement, 1, Subject::kEntity, 1, {},
     "Service Principal"},
    {"Update application", kAnyWorkload, kEntityManagement, 3, Subject::kEntity, 1, {},
     "Application"},
    {"Update service principal", kAnyWorkload, kEntityManagement, 3, Subject::kEntity, 1, {},
     "Service Principal"},
    {"Update application \xe2\x80\x93 Certificates and secrets management|"
     "Update application - Certificates and secrets management", kAnyWorkload, kEntityManagement, 3,
     Subject::kCredential, 1, "credential_change", "Application"},
    {"Add service principal credentials|Remove service principal credentials", kAnyWorkload,
     kEntityManagement, 3, Subject::kCredential, 1, "credential_change", "Service Principal"},
    {"Delete application|Hard Delete application", kAnyWorkload, kEntityManagement, 4,
     Subject::kEntity, 1, {}, "Application"},
    {"Remove service principal|Hard Delete service principal", kAnyWorkload, kEntityManagement, 4,
     Subject::kEntity, 1, {}, "Service Principal"},
    {"Add device", kAnyWorkload, kEntityManagement, 1, Subject::kDevice, 1, {}, "Device"},
    {"Update device", kAnyWorkload, kEntityManagement, 3, Subject::kDevice, 1, {}, "Device"},
    {"Delete device", kAnyWorkload, kEntityManagement, 4, Subject::kDevice, 1, {}, "Device"},
    {"Add registered owner to device|Add registered users to device", kAnyWorkload,
     kEntityManagement, 6, Subject::kDevice, 1, {}, "Device"},
    {"Set Company Information|Set DirSync feature|Set directory feature on tenant|Create company",
     kAnyWorkload, kEntityManagement, 3, Subject::kOrganization, 1, {}, "Organization"},
    {"Add a partner to cross-tenant access setting|Add partner to company", kAnyWorkload,
     kEntityManagement, 1, Subject::kOrganization, 1, "cross_tenant", "Organization"},
    {"Delete partner specific cross-tenant access setting", kAnyWorkload, kEntityManagement, 4,
     Subject::kOrganization, 1, "cross_tenant", "Organization"},
    {"Add unverified domain|Add verified domain", kAnyWorkload, kEntityManagement, 1,
     Subject::kDomain, 1, "domain_change", "Domain"},
    {"Verify domain|Set domain authentication|Set federation settings on domain", kAnyWorkload,
     kEntityManagement, 3, Subject::kDomain, 1, "domain_change", "Domain"},
    {"Remove unverified domain|Remove verified domain", kAnyWorkload, kEntityManagement, 4,
     Subject::kDomain, 1, "domain_change", "Domain"},
    {"Add-FederatedDomain|New-AcceptedDomain", kAnyWorkload, kEntityManagement, 1, Subject::kDomain,
     1, "domain_change", "Domain"},
    {"Set-MsolDomainFederationSettings|Set-AcceptedDomain", kAnyWorkload, kEntityManagement, 3,
     Subject::kDomain, 1, "domain_change", "Domain"},
    {"Remove-FederatedDomain|Remove-AcceptedDomain", kAnyWorkload, kEntityManagement, 4,
     Subject::kDomain, 1, "domain_change", "Domain"},
    {"Add policy|Add conditional access policy", kAnyWorkload, kEntityManagement, 1,
     Subject::kPolicy, 1, {}, "Policy"},
    {"Update policy|Update conditional access policy|Update authorization policy", kAnyWorkload,
     kEntityManagement, 3, Subject::kPolicy, 1, "policy_change", "Policy"},
    {"Delete policy|Delete conditional access policy", kAnyWorkload, kEntityManagement, 4,
     Subject::kPolicy, 1, "policy_change", "Policy"},

    // Exchange administration.
    {"New-InboxRule", kAnyWorkload, kApiActivity, 1, Subject::kInboxRule, 1, "inbox_rule"},
    {"Set-InboxRule|Enable-InboxRule|Disable-InboxRule|UpdateInboxRules", kAnyWorkload,
     kApiActivity, 3, Subject::kInboxRule, 1, "inbox_rule"},
    {"Remove-InboxRule", kAnyWorkload, kApiActivity, 4, Subject::kInboxRule, 1, "inbox_rule"},
    {"Set-Mailbox", kAnyWorkload, kApiActivity, 3, Subject::kCmdlet},
    {"New-TransportRule", kAnyWorkload, kApiActivity, 1, Subject::kCmdlet, 1, "transport_rule"},
    {"Set-TransportRule|Enable-TransportRule|Disable-TransportRule", kAnyWorkload, kApiActivity, 3,
     Subject::kCmdlet, 1, "transport_rule"},
    {"Remove-TransportRule", kAnyWorkload, kApiActivity, 4, Subject::kCmdlet, 1, "transport_rule"},
    {"Add-MailboxPermission|Add-RecipientPermission", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kMailboxPermission, 3, "mailbox_permission"},
    {"Add-MailboxFolderPermission|Set-MailboxFolderPermission", kAnyWorkload, kUserAccessManagement,
     1, Subject::kMailboxPermission, 3, "mailbox_permission", "folder"},
    {"AddFolderPermissions|ModifyFolderPermissions", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kFolderPermission, 1, "mailbox_permission"},
    {"Remove-MailboxPermission|Remove-RecipientPermission", kAnyWorkload, kUserAccessManagement, 2,
     Subject::kMailboxPermission, 1, "mailbox_permission"},
    {"Remove-MailboxFolderPermission", kAnyWorkload, kUserAccessManagement, 2,
     Subject::kMailboxPermission, 1, "mailbox_permission", "folder"},
    {"RemoveFolderPermissions", kAnyWorkload, kUserAccessManagement, 2, Subject::kFolderPermission,
     1, "mailbox_permission"},
    {"New-ManagementRoleAssignment|Add-RoleGroupMember", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kRoleAssignment, 3, "role_change"},
    {"Remove-ManagementRoleAssignment|Remove-RoleGroupMember", kAnyWorkload, kUserAccessManagement,
     2, Subject::kRoleAssignment, 3, "role_change"},
    {"Set-MailboxAuditBypassAssociation|Set-AdminAuditLogConfig|Set-OrganizationConfig|"
     "Set-TransportConfig|Set-CASMailbox|Set-DkimSigningConfig|Set-HostedContentFilterPolicy|"
     "Disable-AntiPhishRule|Disable-SafeLinksRule|Disable-SafeAttachmentRule|"
     "Disable-MalwareFilterRule", kAnyWorkload, kApiActivity, 3, Subject::kCmdlet, 3,
     "security_control_change"},
    {"Remove-AntiPhishPolicy|Remove-AntiPhishRule|Remove-MalwareFilterPolicy|"
     "Remove-MalwareFilterRule|Remove-DlpPolicy", kAnyWorkload, kApiActivity, 4, Subject::kCmdlet,
     3, "security_control_change"},
    {"New-MailboxExportRequest|New-MailboxSearch", kAnyWorkload, kApiActivity, 1, Subject::kCmdlet,
     1, "collection"},
    {"TeamsTenantSettingChanged|TeamsTeamSettingChanged|Set-CsTenantFederationConfiguration|"
     "Set-CsTeamsClientConfiguration", kAnyWorkload, kApiActivity, 3, Subject::kCmdlet},

    // Mailboxes.
    {"MailItemsAccessed", kAnyWorkload, kWebResourcesActivity, 2, Subject::kMailItems},
    {"Create|Copy", kMail, kWebResourcesActivity, 1, Subject::kMailItem},
    {"Update|RecordDelete|UpdateCalendarDelegation|UpdateFolderPermissions|Move|ApplyRecord", kMail,
     kWebResourcesActivity, 3, Subject::kMailItem},
    {"SoftDelete|HardDelete|MoveToDeletedItems|PriorityCleanupDelete", kMail, kWebResourcesActivity,
     4, Subject::kMailItem},
    {"MessageBind|FolderBind|MessageAccess|AttachmentReview", kMail, kWebResourcesActivity, 2,
     Subject::kMailItem},
    {"SearchQueryInitiatedExchange|SearchQueryInitiatedSharePoint|SearchQueryPerformed",
     kAnyWorkload, kWebResourcesActivity, 5, Subject::kPage},
    {"Send|SendAs|SendOnBehalf", kMail, kEmailActivity, 1, Subject::kSend},
    {"AdminMailAccess", kAnyWorkload, kWebResourcesActivity, 2, Subject::kQuarantine},
    {"QuarantineRelease|QuarantineReleaseRequest|QuarantineReleaseMessage", kAnyWorkload,
     kWebResourcesActivity, 3, Subject::kQuarantine},
    {"QuarantinePreview|QuarantineViewHeader|QuarantinePreviewMessage|"
     "QuarantineViewMessageHeader", kAnyWorkload, kWebResourcesActivity, 2, Subject::kQuarantine},
    {"QuarantineDelete|QuarantineDeleteMessage", kAnyWorkload, kWebResourcesActivity, 4,
     Subject::kQuarantine},
    {"QuarantineExport|QuarantineExportMessage", kAnyWorkload, kWebResourcesActivity, 7,
     Subject::kQuarantine},

    // Files: first the rows for files on devices (endpoints), then the rows for files in SharePoint
    // and OneDrive.
    {"FileUploadedToCloud|FileCreatedOnRemovableMedia|FileCreatedOnNetworkShare", kAnyWorkload,
     kFileHostingActivity, 1, Subject::kDlp},
    {"FileCopiedToRemovableMedia|FileCopiedToNetworkShare|FileCopiedToRemoteDesktopSession|"
     "FileCopiedToClipboard|FileTransferredByBluetooth", kAnyWorkload, kFileHostingActivity, 6,
     Subject::kDlp},
    {"FileAccessedByUnallowedApp", kAnyWorkload, kFileHostingActivity, 14, Subject::kDlp},
    {"FilePrinted", kAnyWorkload, kFileHostingActivity, 99, Subject::kDlp, 1, {}, "Print"},
    {"PastedToBrowser", kAnyWorkload, kFileHostingActivity, 99, Subject::kDlp, 1, {}, "Paste"},
    {"FileAccessed|FileAccessedExtended|FileViewed|FileFetched|FileVisited", kAnyWorkload,
     kFileHostingActivity, 14, Subject::kFile},
    {"FilePreviewed", kAnyWorkload, kFileHostingActivity, 9, Subject::kFile},
    {"FileDownloaded", kAnyWorkload, kFileHostingActivity, 2, Subject::kFile},
    {"FileSyncDownloadedFull|FileSyncDownloadedPartial", kAnyWorkload, kFileHostingActivity, 2,
     Subject::kFile, 1, "sync"},
    {"FileUploaded|FileUploadedPartial|FolderCreated", kAnyWorkload, kFileHostingActivity, 1,
     Subject::kFile},
    {"FileSyncUploadedFull|FileSyncUploadedPartial", kAnyWorkload, kFileHostingActivity, 1,
     Subject::kFile, 1, "sync"},
    {"FileModified|FileModifiedExtended|FolderModified|FileCheckedIn|"
     "FileVersionsAllMinorsRecycled|FileVersionsAllRecycled", kAnyWorkload, kFileHostingActivity, 3,
     Subject::kFile},
    {"FileDeleted|FileRecycled|FileDeletedFirstStageRecycleBin|FileDeletedSecondStageRecycleBin|"
     "FileVersionsAllDeleted|FolderDeleted|FolderRecycled|FileVersionRecycled|"
     "FolderDeletedFirstStageRecycleBin|FolderDeletedSecondStageRecycleBin", kAnyWorkload,
     kFileHostingActivity, 4, Subject::kFile},
    {"FileRenamed|FolderRenamed", kAnyWorkload, kFileHostingActivity, 5, Subject::kFile},
    {"FileCopied|FolderCopied", kAnyWorkload, kFileHostingActivity, 6, Subject::kFile},
    {"FileMoved|FolderMoved", kAnyWorkload, kFileHostingActivity, 7, Subject::kFile},
    {"FileRestored|FolderRestored", kAnyWorkload, kFileHostingActivity, 8, Subject::kFile},
    {"FileCheckedOut|LockRecord", kAnyWorkload, kFileHostingActivity, 10, Subject::kFile},
    {"FileCheckOutDiscarded|UnlockRecord", kAnyWorkload, kFileHostingActivity, 11, Subject::kFile},
    {"SharingSet|SharingInvitationCreated|SecureLinkCreated|SecureLinkUpdated|AddedToSecureLink|"
     "AddedToSharingLink|SharingLinkCreated|SharingLinkUpdated", kAnyWorkload, kFileHostingActivity,
     12, Subject::kSharing, 1, "share_specific"},
    {"AnonymousLinkCreated|AnonymousLinkUpdated", kAnyWorkload, kFileHostingActivity, 12,
     Subject::kSharing, 1, "share_anonymous"},
    {"CompanyLinkCreated", kAnyWorkload, kFileHostingActivity, 12, Subject::kSharing, 1,
     "share_company"},
    {"SharingRevoked|AnonymousLinkRemoved|SecureLinkDeleted|CompanyLinkRemoved|"
     "RemovedFromSecureLink|RemovedFromSharingLink|SharingInvitationRevoked", kAnyWorkload,
     kFileHostingActivity, 13, Subject::kSharing},
    {"AnonymousLinkUsed|SecureLinkUsed|CompanyLinkUsed|SharingInvitationAccepted|"
     "AccessInvitationAccepted|SharingLinkUsed", kAnyWorkload, kFileHostingActivity, 14,
     Subject::kSharing, 1, "link_used"},
    {"SharingInvitationBlocked|AccessRequestCreated|AccessRequestApproved|AccessRequestRejected|"
     "AccessRequestDenied", kAnyWorkload, kFileHostingActivity, 17, Subject::kSharing},
    {"ManagedSyncClientAllowed|UnmanagedSyncClientBlocked", kAnyWorkload, kFileHostingActivity, 15,
     Subject::kFile},
    {"FileMalwareDetected", kAnyWorkload, kDetectionFinding, 1, Subject::kMalware, 4},
    {"DocumentSensitivityMismatchDetected|FileSensitivityLabelApplied|"
     "FileSensitivityLabelChanged|FileSensitivityLabelRemoved|SensitivityLabeledFileOpened|"
     "SensitivityLabeledFileRenamed", kAnyWorkload, kFileHostingActivity, 3, Subject::kFile, 1,
     "sensitivity_label"},
    {"SensitivityLabelApplied|SensitivityLabelUpdated|SensitivityLabelRemoved", kNotMail,
     kFileHostingActivity, 3, Subject::kFile, 1, "sensitivity_label"},
    {"SensitivityLabelApplied|SensitivityLabelUpdated|SensitivityLabelRemoved", kMail,
     kWebResourcesActivity, 3, Subject::kMailItem, 1, "sensitivity_label"},
    {"MipLabel", kAnyWorkload, kWebResourcesActivity, 3, Subject::kMailItem, 1,
     "sensitivity_label"},

    // Sites.
    {"SiteCollectionAdminAdded|SiteAdminChangeRequest", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kSiteAdmin, 3, "role_change", "Site Collection Administrator"},
    {"PermissionLevelAdded|SharingInheritanceBroken|PermissionLevelModified", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kSiteAdmin, 1, "permission_change", "Site Permission"},
    {"SiteCollectionAdminRemoved", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 3,
     "role_change", "Site Collection Administrator"},
    {"SharingPolicyChanged|SiteCollectionQuotaModified|NetworkAccessPolicyChanged|"
     "DeviceAccessPolicyChanged", kAnyWorkload, kApiActivity, 3, Subject::kGeneric, 1,
     "policy_change"},
    {"MemberRoleChanged", kFiles, kApiActivity, 3, Subject::kGeneric},
    {"NetworkSecurityConfigurationUpdated", kAnyWorkload, kApiActivity, 3, Subject::kGeneric, 1,
     "policy_change"},
    {"SiteCollectionCreated", kAnyWorkload, kWebResourcesActivity, 1, Subject::kPage},
    {"SiteDeleted|SitePermanentlyDeleted|SiteCollectionDeleted", kAnyWorkload,
     kWebResourcesActivity, 4, Subject::kPage},
    {"SiteRenamed", kAnyWorkload, kWebResourcesActivity, 3, Subject::kPage},
    {"PageViewed|PageViewedExtended|ListViewed|ClientViewSignaled|PagePrefetched", kAnyWorkload,
     kWebResourcesActivity, 2, Subject::kPage},
    {"ListCreated|ListItemCreated|ListColumnCreated|ListContentTypeCreated|SiteColumnCreated|"
     "SiteContentTypeCreated", kAnyWorkload, kWebResourcesActivity, 1, Subject::kPage},
    {"ListUpdated|ListItemUpdated|ListColumnUpdated|ListContentTypeUpdated|ListItemRestored|"
     "ListRestored|SiteColumnUpdated|SiteContentTypeUpdated", kAnyWorkload, kWebResourcesActivity,
     3, Subject::kPage},
    {"ListDeleted|ListItemDeleted|ListItemRecycled|ListColumnDeleted|ListContentTypeDeleted|"
     "SiteColumnDeleted|SiteContentTypeDeleted", kAnyWorkload, kWebResourcesActivity, 4,
     Subject::kPage},
    {"ListItemViewed", kAnyWorkload, kWebResourcesActivity, 2, Subject::kPage},

    // Teams.
    {"ChannelAdded|TabAdded|ConnectorAdded|ChatCreated|MessageSent|MessageCreatedHasLink|"
     "MeetingDetail", kTeams, kWebResourcesActivity, 1, Subject::kTeam},
    {"MessageUpdated|TabUpdated|ConnectorUpdated", kTeams, kWebResourcesActivity, 3,
     Subject::kTeam},
    {"ChannelDeleted|TabRemoved|ConnectorRemoved", kTeams, kWebResourcesActivity, 4,
     Subject::kTeam},
    {"MessageDeleted", kAnyWorkload, kWebResourcesActivity, 4, Subject::kTeam},
    {"AppInstalled|BotAddedToTeam", kAnyWorkload, kApplicationLifecycle, 1, Subject::kApp},
    {"AppUninstalled|BotRemovedFromTeam", kAnyWorkload, kApplicationLifecycle, 2, Subject::kApp},

    // Alerts and findings.
    {"AlertTriggered", kAnyWorkload, kDetectionFinding, 1, Subject::kAlert},
    {"AlertEntityGenerated|AlertUpdated", kAnyWorkload, kDetectionFinding, 2, Subject::kAlert},
    {"AirInvestigationData|AirManualInvestigation|AirAdminActionInvestigation", kAnyWorkload,
     kDetectionFinding, 1, Subject::kInvestigation},
    {"TIMailData", kAnyWorkload, kDetectionFinding, 1, Subject::kThreatMail},
    {"TIUrlClickData", kAnyWorkload, kDetectionFinding, 1, Subject::kThreatUrl},
    {"AtpDetection", kAnyWorkload, kDetectionFinding, 1, Subject::kMalware},
    {"AdminSubmission|UserSubmission|AdminSubmissionSubmitted|UserSubmissionTriage", kAnyWorkload,
     kDetectionFinding, 1, Subject::kThreatMail},
    {"Impossible travel activity|User restricted from sending email|"
     "Unusual volume of file deletion", kAnyWorkload, kDetectionFinding, 1, Subject::kAlert},
    {"DlpRuleMatch", kAnyWorkload, kDataSecurityFinding, 1, Subject::kDlp},
    {"DlpInfo", kAnyWorkload, kDataSecurityFinding, 2, Subject::kDlp},
    {"DlpRuleUndo", kAnyWorkload, kDataSecurityFinding, 3, Subject::kDlp},

    // Discovery of content, reports, AI.
    {"SearchCreated|SearchStarted|CaseAdded|HoldCreated", kAnyWorkload, kApiActivity, 1,
     Subject::kDiscovery, 1, "ediscovery"},
    {"SearchExported|SearchExportDownloaded", kAnyWorkload, kApiActivity, 2, Subject::kDiscovery, 1,
     "ediscovery"},
    {"CaseAdminAdded|CaseAdminUpdated", kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin,
     3, "ediscovery", "eDiscovery Administrator"},
    {"ViewReport|ViewDashboard|GetDatasources", kAnyWorkload, kWebResourcesActivity, 2,
     Subject::kReport},
    {"ExportReport|ExportArtifact|DownloadReport", kAnyWorkload, kWebResourcesActivity, 7,
     Subject::kReport},
    {"CreateReport|CreateDashboard|CreateDataset", kAnyWorkload, kWebResourcesActivity, 1,
     Subject::kReport},
    {"CreateFlow|CreatePowerApp", kAnyWorkload, kWebResourcesActivity, 1, Subject::kPage},
    {"EditReport", kAnyWorkload, kWebResourcesActivity, 3, Subject::kReport},
    {"EditFlow|EditPowerApp", kAnyWorkload, kWebResourcesActivity, 3, Subject::kPage},
    {"ShareReport|ShareDashboard", kAnyWorkload, kWebResourcesActivity, 8, Subject::kReport},
    {"DeleteReport|DeleteDashboard", kAnyWorkload, kWebResourcesActivity, 4, Subject::kReport},
    {"DeleteFlow|DeletePowerApp", kAnyWorkload, kWebResourcesActivity, 4, Subject::kPage},
    {"CopilotInteraction|ConnectedAIAppInteraction|TeamCopilotInteraction|AIAppInteraction",
     kAnyWorkload, kApiActivity, 2, Subject::kAi},
    {"ValidaterbacAccessCheck", kAnyWorkload, kApiActivity, 2, Subject::kGeneric},
};
// clang-format on

// Each of these rows applies to all operations that begin with `operations`.
constexpr MappingRow kPrefixRows[] = {
    {"MCAS_ALERT_", kAnyWorkload, kDetectionFinding, kFindingCreate, Subject::kAlert},
    {"AirManualInvestigation", kAnyWorkload, kDetectionFinding, kFindingCreate,
     Subject::kInvestigation},
};

uint64_t HashKey(std::string_view text) {
  uint64_t hash = 0x9e3779b97f4a7c15ull + text.size();
  const char* p = text.data();
  size_t left = text.size();
  while (left >= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    hash = (hash ^ word) * 0xff51afd7ed558ccdull;
    hash ^= hash >> 29;
    p += 8;
    left -= 8;
  }
  uint64_t word = 0;
  for (size_t i = 0; i < left; ++i)
    word |= static_cast<uint64_t>(static_cast<uint8_t>(p[i])) << (8 * i);
  hash = (hash ^ word) * 0xff51afd7ed558ccdull;
  return hash ^ (hash >> 32);
}

constexpr size_t kLongestOperation = 128;

// Writes the key of an operation (see OperationKey) into `buffer`. Returns an empty key if the
// operation is longer than kLongestOperation, because no row has such a long operation.
std::string_view LowerKey(std::string_view operation, char (&buffer)[kLongestOperation]) {
  operation = TrimOperation(operation);
  if (operation.size() > kLongestOperation) return {};
  for (size_t i = 0; i < operation.size(); ++i) {
    const char c = operation[i];
    buffer[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return {buffer, operation.size()};
}

// A hash table with open addressing over the operations of all rows. If several rows have the same
// operation, Find returns the first of them that applies to the workload.
class OperationIndex {
 public:
  OperationIndex() : slots_(kSlots) {
    for (const MappingRow& row : kRows) {
      std::string_view rest = row.operations;
      while (!rest.empty()) {
        const size_t bar = rest.find('|');
        Add(OperationKey(rest.substr(0, bar)), row);
        rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
      }
    }
  }

  const MappingRow* Find(std::string_view key, uint16_t workload) const {
    for (size_t at = HashKey(key) & (kSlots - 1); slots_[at].row != nullptr;
         at = (at + 1) & (kSlots - 1)) {
      const Slot& slot = slots_[at];
      if (slot.key == key && (slot.row->workloads == 0 || (slot.row->workloads & workload) != 0)) {
        return slot.row;
      }
    }
    return nullptr;
  }

 private:
  static constexpr size_t kSlots = 2048;
  struct Slot {
    std::string key;
    const MappingRow* row = nullptr;
  };
  void Add(std::string key, const MappingRow& row) {
    size_t at = HashKey(key) & (kSlots - 1);
    while (slots_[at].row != nullptr) at = (at + 1) & (kSlots - 1);
    slots_[at] = {std::move(key), &row};
  }
  std::vector<Slot> slots_;
};

const OperationIndex& Operations() {
  static const OperationIndex* const index = new OperationIndex();
  return *index;
}

}  // namespace

absl::Span<const MappingRow> MappingRows() { return kRows; }

std::string_view TrimOperation(std::string_view operation) {
  while (!operation.empty() && (operation.back() == ' ' || operation.back() == '.')) {
    operation.remove_suffix(1);
  }
  while (!operation.empty() && operation.front() == ' ') operation.remove_prefix(1);
  return operation;
}

std::string OperationKey(std::string_view operation) {
  return LowerAscii(TrimOperation(operation));
}

const MappingRow* FindMappingRow(std::string_view operation, WorkloadBit workload) {
  char buffer[kLongestOperation];
  return Operations().Find(LowerKey(operation, buffer), workload);
}

const MappingRow* FindPrefixRow(std::string_view operation) {
  for (const MappingRow& row : kPrefixRows) {
    if (operation.substr(0, row.operations.size()) == row.operations) return &row;
  }
  return nullptr;
}

}  // namespace picket
