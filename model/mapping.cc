#include "model/mapping.h"

#include <cstring>
#include <string>
#include <vector>

#include "common/strings.h"

namespace picket {
namespace {

constexpr uint16_t kMail = kExchange;
constexpr uint16_t kNotMail = (2 * kOtherWorkload - 1) & ~kExchange;
constexpr uint16_t kFiles = kSharePoint;

// clang-format off
constexpr OcsfClass kClasses[] = {
    {3001, 3, "Account Change", "Identity & Access Management", true, true,
     "1 Create=iam/user,creation|2 Enable=iam/user,change|3 Password Change=iam/user,change|"
     "4 Password Reset=iam/user,change|5 Disable=iam/user,change|6 Delete=iam/user,deletion|"
     "7 Attach Policy=iam/user,change|8 Detach Policy=iam/user,change|9 Lock=iam/user,change|"
     "10 MFA Factor Enable=iam/user,change|11 MFA Factor Disable=iam/user,change|12 Unlock=iam/user,change|"
     "99 =iam/user,change"},
    {3002, 3, "Authentication", "Identity & Access Management", true, true,
     "1 Logon=authentication/start|2 Logoff=authentication/end|3 Authentication Ticket=authentication/info|"
     "4 Service Ticket Request=authentication/info|5 Service Ticket Renew=authentication/info|"
     "6 Preauth=authentication/info|7 Account Switch=authentication/info"},
    {3004, 3, "Entity Management", "Identity & Access Management", true, true,
     "1 Create=configuration/creation|2 Read=configuration/access|3 Update=configuration/change|"
     "4 Delete=configuration/deletion|5 Move=configuration/change|6 Enroll=configuration/change|"
     "7 Unenroll=configuration/change|8 Enable=configuration/change|9 Disable=configuration/change"},
    {3005, 3, "User Access Management", "Identity & Access Management", true, true,
     "1 Assign Privileges=iam/user,change|2 Revoke Privileges=iam/user,change"},
    {3006, 3, "Group Management", "Identity & Access Management", true, true,
     "1 Assign Privileges=iam/group,change|2 Revoke Privileges=iam/group,change|3 Add User=iam/group,change|"
     "4 Remove User=iam/group,change|5 Delete=iam/group,deletion|6 Create=iam/group,creation|"
     "7 Add Subgroup=iam/group,change|8 Remove Subgroup=iam/group,change|99 =iam/group,change"},
    {4009, 4, "Email Activity", "Network Activity", true, false,
     "1 Send=email/info|2 Receive=email/info|3 Scan=email/info|4 Trace=email/info|5 MTA Relay=email/info"},
    {6001, 6, "Web Resources Activity", "Application Activity", true, true,
     "1 Create=web/access|2 Read=web/access|3 Update=web/access|4 Delete=web/access|5 Search=web/access|"
     "6 Import=web/access|7 Export=web/access|8 Share=web/access"},
    {6002, 6, "Application Lifecycle", "Application Activity", false, false,
     "1 Install=package/installation|2 Remove=package/deletion|3 Start=package/start|4 Stop=package/change|"
     "5 Restart=package/start|6 Enable=package/change|7 Disable=package/change|8 Update=package/change"},
    {6003, 6, "API Activity", "Application Activity", true, true,
     "1 Create=configuration/change|2 Read=web/info|3 Update=configuration/change|4 Delete=configuration/change|"
     "99 =web/info"},
    {6006, 6, "File Hosting Activity", "Application Activity", true, true,
     "1 Upload=file/creation|2 Download=file/access|3 Update=file/change|4 Delete=file/deletion|"
     "5 Rename=file/change|6 Copy=file/creation|7 Move=file/change|8 Restore=file/creation|9 Preview=file/access|"
     "10 Lock=file/change|11 Unlock=file/change|12 Share=file/change|13 Unshare=file/change|14 Open=file/access|"
     "15 Sync=file/access|16 Unsync=file/change|17 Access Check=file/access|99 =file/access"},
    {2004, 2, "Detection Finding", "Findings", false, false,
     "1 Create=threat/indicator|2 Update=threat/indicator|3 Close=threat/indicator"},
    {2006, 2, "Data Security Finding", "Findings", true, false,
     "1 Create=file/info|2 Update=file/info|3 Close=file/info|4 Suppressed=file/info"},
};

constexpr MappingRow kRows[] = {
    // Sign-ins.
    {"UserLoggedIn|UserLoginFailed|PasswordLogonInitialAuthUsingPassword|"
     "ForeignRealmIndexLogonCookieCopyUsingDAToken", kAnyWorkload, 3002, 1, Subject::kSignIn},
    {"MailboxLogin", kAnyWorkload, 3002, 1, Subject::kSignIn, 1, {}, "Exchange"},
    {"TeamsSessionStarted", kAnyWorkload, 3002, 1, Subject::kSignIn, 1, {}, "Microsoft Teams"},
    {"UserLoggedOff|SignOut", kAnyWorkload, 3002, 2, Subject::kSignIn},

    // Accounts.
    {"Add user", kAnyWorkload, 3001, 1, Subject::kTargetUser},
    {"Invite external user", kAnyWorkload, 3001, 1, Subject::kTargetUser, 1, "guest_invited"},
    {"Delete user|Hard Delete user", kAnyWorkload, 3001, 6, Subject::kTargetUser},
    {"Update user", kAnyWorkload, 3001, 99, Subject::kTargetUser, 1, {}, "Update"},
    {"Disable account", kAnyWorkload, 3001, 5, Subject::kTargetUser},
    {"Enable account|Restore user", kAnyWorkload, 3001, 2, Subject::kTargetUser},
    {"Change user password|Change password (self-service)", kAnyWorkload, 3001, 3, Subject::kTargetUser},
    {"Reset user password|Set force change user password|Reset password (self-service)|Reset password (by admin)",
     kAnyWorkload, 3001, 4, Subject::kTargetUser},
    {"Enable Strong Authentication|User registered security info|User registered all required security info|"
     "Admin registered security info", kAnyWorkload, 3001, 10, Subject::kTargetUser},
    {"Disable Strong Authentication|User deleted security info|Admin deleted security info", kAnyWorkload, 3001, 11,
     Subject::kTargetUser, 1, "mfa_removed"},
    {"Update StsRefreshTokenValidFrom Timestamp", kAnyWorkload, 3001, 99, Subject::kTargetUser, 1, {},
     "Revoke Sessions"},
    {"Change user license", kAnyWorkload, 3001, 99, Subject::kTargetUser, 1, {}, "Change License"},
    {"UserSuspension", kYammer, 3001, 5, Subject::kTargetUser},

    // Roles, grants, consent.
    {"Add member to role|Add eligible member to role|Add scoped member to role", kAnyWorkload, 3005, 1,
     Subject::kRole, 3, "role_change"},
    {"Remove member from role|Remove eligible member from role|Remove scoped member from role", kAnyWorkload, 3005, 2,
     Subject::kRole, 3, "role_change"},
    {"Add app role assignment to service principal|Add app role assignment grant to user|"
     "Add app role assignment to group|Add app role assignment grant to group", kAnyWorkload, 3005, 1,
     Subject::kAppRole, 3, "app_permission"},
    {"Remove app role assignment from service principal|Remove app role assignment from user|"
     "Remove app role assignment from group|Remove app role assignment grant to user", kAnyWorkload, 3005, 2,
     Subject::kAppRole},
    {"Add delegated permission grant", kAnyWorkload, 3005, 1, Subject::kDelegatedGrant, 3, "app_permission"},
    {"Remove delegated permission grant", kAnyWorkload, 3005, 2, Subject::kDelegatedGrant},
    {"Consent to application", kAnyWorkload, 3005, 1, Subject::kConsent, 3, "consent"},
    {"Add owner to application|Add owner to service principal|Add owner to group", kAnyWorkload, 3005, 1,
     Subject::kOwner, 3, "owner_change", "owner"},
    {"Remove owner from application|Remove owner from service principal|Remove owner from group", kAnyWorkload, 3005,
     2, Subject::kOwner, 1, "owner_change", "owner"},

    // Groups.
    {"Add group", kAnyWorkload, 3006, 6, Subject::kGroup},
    {"Delete group|Hard Delete group", kAnyWorkload, 3006, 5, Subject::kGroup},
    {"Update group", kAnyWorkload, 3006, 99, Subject::kGroup, 1, {}, "Update"},
    {"Add member to group", kAnyWorkload, 3006, 3, Subject::kGroup},
    {"Remove member from group", kAnyWorkload, 3006, 4, Subject::kGroup},
    {"AddedToGroup", kAnyWorkload, 3006, 3, Subject::kSiteGroup},
    {"RemovedFromGroup", kAnyWorkload, 3006, 4, Subject::kSiteGroup},
    {"GroupAdded", kAnyWorkload, 3006, 6, Subject::kSiteGroup},
    {"GroupRemoved", kAnyWorkload, 3006, 5, Subject::kSiteGroup},
    {"GroupUpdated", kAnyWorkload, 3006, 99, Subject::kSiteGroup, 1, {}, "Update"},
    {"TeamCreated", kAnyWorkload, 3006, 6, Subject::kTeam},
    {"TeamDeleted", kAnyWorkload, 3006, 5, Subject::kTeam},
    {"MemberAdded", kTeams, 3006, 3, Subject::kTeam},
    {"MemberRemoved", kTeams, 3006, 4, Subject::kTeam},
    {"MemberRoleChanged", kTeams, 3006, 1, Subject::kTeam},
    {"GroupCreation", kYammer, 3006, 6, Subject::kTeam},
    {"GroupDeletion", kYammer, 3006, 5, Subject::kTeam},

    // Applications, devices, tenant, domains, policies.
    {"Add application", kAnyWorkload, 3004, 1, Subject::kEntity, 1, {}, "Application"},
    {"Add service principal", kAnyWorkload, 3004, 1, Subject::kEntity, 1, {}, "Service Principal"},
    {"Update application", kAnyWorkload, 3004, 3, Subject::kEntity, 1, {}, "Application"},
    {"Update service principal", kAnyWorkload, 3004, 3, Subject::kEntity, 1, {}, "Service Principal"},
    {"Update application \xe2\x80\x93 Certificates and secrets management|"
     "Update application - Certificates and secrets management", kAnyWorkload, 3004, 3, Subject::kCredential, 1,
     "credential_change", "Application"},
    {"Add service principal credentials|Remove service principal credentials", kAnyWorkload, 3004, 3,
     Subject::kCredential, 1, "credential_change", "Service Principal"},
    {"Delete application|Hard Delete application", kAnyWorkload, 3004, 4, Subject::kEntity, 1, {}, "Application"},
    {"Remove service principal|Hard Delete service principal", kAnyWorkload, 3004, 4, Subject::kEntity, 1, {},
     "Service Principal"},
    {"Add device", kAnyWorkload, 3004, 1, Subject::kDevice, 1, {}, "Device"},
    {"Update device", kAnyWorkload, 3004, 3, Subject::kDevice, 1, {}, "Device"},
    {"Delete device", kAnyWorkload, 3004, 4, Subject::kDevice, 1, {}, "Device"},
    {"Add registered owner to device|Add registered users to device", kAnyWorkload, 3004, 6, Subject::kDevice, 1, {},
     "Device"},
    {"Set Company Information|Set DirSync feature|Set directory feature on tenant|Create company", kAnyWorkload, 3004,
     3, Subject::kOrganization, 1, {}, "Organization"},
    {"Add a partner to cross-tenant access setting|Add partner to company", kAnyWorkload, 3004, 1,
     Subject::kOrganization, 1, "cross_tenant", "Organization"},
    {"Delete partner specific cross-tenant access setting", kAnyWorkload, 3004, 4, Subject::kOrganization, 1,
     "cross_tenant", "Organization"},
    {"Add unverified domain|Add verified domain", kAnyWorkload, 3004, 1, Subject::kDomain, 1, "domain_change",
     "Domain"},
    {"Verify domain|Set domain authentication|Set federation settings on domain", kAnyWorkload, 3004, 3,
     Subject::kDomain, 1, "domain_change", "Domain"},
    {"Remove unverified domain|Remove verified domain", kAnyWorkload, 3004, 4, Subject::kDomain, 1, "domain_change",
     "Domain"},
    {"Add-FederatedDomain|New-AcceptedDomain", kAnyWorkload, 3004, 1, Subject::kDomain, 1, "domain_change", "Domain"},
    {"Set-MsolDomainFederationSettings|Set-AcceptedDomain", kAnyWorkload, 3004, 3, Subject::kDomain, 1,
     "domain_change", "Domain"},
    {"Remove-FederatedDomain|Remove-AcceptedDomain", kAnyWorkload, 3004, 4, Subject::kDomain, 1, "domain_change",
     "Domain"},
    {"Add policy|Add conditional access policy", kAnyWorkload, 3004, 1, Subject::kPolicy, 1, {}, "Policy"},
    {"Update policy|Update conditional access policy|Update authorization policy", kAnyWorkload, 3004, 3,
     Subject::kPolicy, 1, "policy_change", "Policy"},
    {"Delete policy|Delete conditional access policy", kAnyWorkload, 3004, 4, Subject::kPolicy, 1, "policy_change",
     "Policy"},

    // Exchange administration.
    {"New-InboxRule", kAnyWorkload, 6003, 1, Subject::kInboxRule, 1, "inbox_rule"},
    {"Set-InboxRule|Enable-InboxRule|Disable-InboxRule|UpdateInboxRules", kAnyWorkload, 6003, 3, Subject::kInboxRule, 1,
     "inbox_rule"},
    {"Remove-InboxRule", kAnyWorkload, 6003, 4, Subject::kInboxRule, 1, "inbox_rule"},
    {"Set-Mailbox", kAnyWorkload, 6003, 3, Subject::kCmdlet},
    {"New-TransportRule", kAnyWorkload, 6003, 1, Subject::kCmdlet, 1, "transport_rule"},
    {"Set-TransportRule|Enable-TransportRule|Disable-TransportRule", kAnyWorkload, 6003, 3, Subject::kCmdlet, 1,
     "transport_rule"},
    {"Remove-TransportRule", kAnyWorkload, 6003, 4, Subject::kCmdlet, 1, "transport_rule"},
    {"Add-MailboxPermission|Add-RecipientPermission", kAnyWorkload, 3005, 1, Subject::kMailboxPermission, 3,
     "mailbox_permission"},
    {"Add-MailboxFolderPermission|Set-MailboxFolderPermission", kAnyWorkload, 3005, 1, Subject::kMailboxPermission, 3,
     "mailbox_permission", "folder"},
    {"AddFolderPermissions|ModifyFolderPermissions", kAnyWorkload, 3005, 1, Subject::kFolderPermission, 1,
     "mailbox_permission"},
    {"Remove-MailboxPermission|Remove-RecipientPermission", kAnyWorkload, 3005, 2, Subject::kMailboxPermission, 1,
     "mailbox_permission"},
    {"Remove-MailboxFolderPermission", kAnyWorkload, 3005, 2, Subject::kMailboxPermission, 1, "mailbox_permission",
     "folder"},
    {"RemoveFolderPermissions", kAnyWorkload, 3005, 2, Subject::kFolderPermission, 1, "mailbox_permission"},
    {"New-ManagementRoleAssignment|Add-RoleGroupMember", kAnyWorkload, 3005, 1, Subject::kRoleAssignment, 3,
     "role_change"},
    {"Remove-ManagementRoleAssignment|Remove-RoleGroupMember", kAnyWorkload, 3005, 2, Subject::kRoleAssignment, 3,
     "role_change"},
    {"Set-MailboxAuditBypassAssociation|Set-AdminAuditLogConfig|Set-OrganizationConfig|Set-TransportConfig|"
     "Set-CASMailbox|Set-DkimSigningConfig|Set-HostedContentFilterPolicy|Disable-AntiPhishRule|Disable-SafeLinksRule|"
     "Disable-SafeAttachmentRule|Disable-MalwareFilterRule", kAnyWorkload, 6003, 3, Subject::kCmdlet, 3,
     "security_control_change"},
    {"Remove-AntiPhishPolicy|Remove-AntiPhishRule|Remove-MalwareFilterPolicy|Remove-MalwareFilterRule|"
     "Remove-DlpPolicy", kAnyWorkload, 6003, 4, Subject::kCmdlet, 3, "security_control_change"},
    {"New-MailboxExportRequest|New-MailboxSearch", kAnyWorkload, 6003, 1, Subject::kCmdlet, 1, "collection"},
    {"TeamsTenantSettingChanged|TeamsTeamSettingChanged|Set-CsTenantFederationConfiguration|"
     "Set-CsTeamsClientConfiguration", kAnyWorkload, 6003, 3, Subject::kCmdlet},

    // Mailboxes.
    {"MailItemsAccessed", kAnyWorkload, 6001, 2, Subject::kMailItems},
    {"Create|Copy", kMail, 6001, 1, Subject::kMailItem},
    {"Update|RecordDelete|UpdateCalendarDelegation|UpdateFolderPermissions|Move|ApplyRecord", kMail, 6001, 3,
     Subject::kMailItem},
    {"SoftDelete|HardDelete|MoveToDeletedItems|PriorityCleanupDelete", kMail, 6001, 4, Subject::kMailItem},
    {"MessageBind|FolderBind|MessageAccess|AttachmentReview", kMail, 6001, 2, Subject::kMailItem},
    {"SearchQueryInitiatedExchange|SearchQueryInitiatedSharePoint|SearchQueryPerformed", kAnyWorkload, 6001, 5,
     Subject::kPage},
    {"Send|SendAs|SendOnBehalf", kMail, 4009, 1, Subject::kSend},
    {"AdminMailAccess", kAnyWorkload, 6001, 2, Subject::kQuarantine},
    {"QuarantineRelease|QuarantineReleaseRequest|QuarantineReleaseMessage", kAnyWorkload, 6001, 3,
     Subject::kQuarantine},
    {"QuarantinePreview|QuarantineViewHeader|QuarantinePreviewMessage|QuarantineViewMessageHeader", kAnyWorkload,
     6001, 2, Subject::kQuarantine},
    {"QuarantineDelete|QuarantineDeleteMessage", kAnyWorkload, 6001, 4, Subject::kQuarantine},
    {"QuarantineExport|QuarantineExportMessage", kAnyWorkload, 6001, 7, Subject::kQuarantine},

    // Files, before SharePoint: endpoint names that clash.
    {"FileUploadedToCloud|FileCreatedOnRemovableMedia|FileCreatedOnNetworkShare", kAnyWorkload, 6006, 1,
     Subject::kDlp},
    {"FileCopiedToRemovableMedia|FileCopiedToNetworkShare|FileCopiedToRemoteDesktopSession|FileCopiedToClipboard|"
     "FileTransferredByBluetooth", kAnyWorkload, 6006, 6, Subject::kDlp},
    {"FileAccessedByUnallowedApp", kAnyWorkload, 6006, 14, Subject::kDlp},
    {"FilePrinted", kAnyWorkload, 6006, 99, Subject::kDlp, 1, {}, "Print"},
    {"PastedToBrowser", kAnyWorkload, 6006, 99, Subject::kDlp, 1, {}, "Paste"},
    {"FileAccessed|FileAccessedExtended|FileViewed|FileFetched|FileVisited", kAnyWorkload, 6006, 14, Subject::kFile},
    {"FilePreviewed", kAnyWorkload, 6006, 9, Subject::kFile},
    {"FileDownloaded", kAnyWorkload, 6006, 2, Subject::kFile},
    {"FileSyncDownloadedFull|FileSyncDownloadedPartial", kAnyWorkload, 6006, 2, Subject::kFile, 1, "sync"},
    {"FileUploaded|FileUploadedPartial|FolderCreated", kAnyWorkload, 6006, 1, Subject::kFile},
    {"FileSyncUploadedFull|FileSyncUploadedPartial", kAnyWorkload, 6006, 1, Subject::kFile, 1, "sync"},
    {"FileModified|FileModifiedExtended|FolderModified|FileCheckedIn|FileVersionsAllMinorsRecycled|"
     "FileVersionsAllRecycled", kAnyWorkload, 6006, 3, Subject::kFile},
    {"FileDeleted|FileRecycled|FileDeletedFirstStageRecycleBin|FileDeletedSecondStageRecycleBin|"
     "FileVersionsAllDeleted|FolderDeleted|FolderRecycled|FileVersionRecycled|FolderDeletedFirstStageRecycleBin|"
     "FolderDeletedSecondStageRecycleBin", kAnyWorkload, 6006, 4, Subject::kFile},
    {"FileRenamed|FolderRenamed", kAnyWorkload, 6006, 5, Subject::kFile},
    {"FileCopied|FolderCopied", kAnyWorkload, 6006, 6, Subject::kFile},
    {"FileMoved|FolderMoved", kAnyWorkload, 6006, 7, Subject::kFile},
    {"FileRestored|FolderRestored", kAnyWorkload, 6006, 8, Subject::kFile},
    {"FileCheckedOut|LockRecord", kAnyWorkload, 6006, 10, Subject::kFile},
    {"FileCheckOutDiscarded|UnlockRecord", kAnyWorkload, 6006, 11, Subject::kFile},
    {"SharingSet|SharingInvitationCreated|SecureLinkCreated|SecureLinkUpdated|AddedToSecureLink|AddedToSharingLink|"
     "SharingLinkCreated|SharingLinkUpdated", kAnyWorkload, 6006, 12, Subject::kSharing, 1, "share_specific"},
    {"AnonymousLinkCreated|AnonymousLinkUpdated", kAnyWorkload, 6006, 12, Subject::kSharing, 1, "share_anonymous"},
    {"CompanyLinkCreated", kAnyWorkload, 6006, 12, Subject::kSharing, 1, "share_company"},
    {"SharingRevoked|AnonymousLinkRemoved|SecureLinkDeleted|CompanyLinkRemoved|RemovedFromSecureLink|"
     "RemovedFromSharingLink|SharingInvitationRevoked", kAnyWorkload, 6006, 13, Subject::kSharing},
    {"AnonymousLinkUsed|SecureLinkUsed|CompanyLinkUsed|SharingInvitationAccepted|AccessInvitationAccepted|"
     "SharingLinkUsed", kAnyWorkload, 6006, 14, Subject::kSharing, 1, "link_used"},
    {"SharingInvitationBlocked|AccessRequestCreated|AccessRequestApproved|AccessRequestRejected|AccessRequestDenied",
     kAnyWorkload, 6006, 17, Subject::kSharing},
    {"ManagedSyncClientAllowed|UnmanagedSyncClientBlocked", kAnyWorkload, 6006, 15, Subject::kFile},
    {"FileMalwareDetected", kAnyWorkload, 2004, 1, Subject::kMalware, 4},
    {"DocumentSensitivityMismatchDetected|FileSensitivityLabelApplied|FileSensitivityLabelChanged|"
     "FileSensitivityLabelRemoved|SensitivityLabeledFileOpened|SensitivityLabeledFileRenamed", kAnyWorkload, 6006, 3,
     Subject::kFile, 1, "sensitivity_label"},
    {"SensitivityLabelApplied|SensitivityLabelUpdated|SensitivityLabelRemoved", kNotMail, 6006, 3, Subject::kFile, 1,
     "sensitivity_label"},
    {"SensitivityLabelApplied|SensitivityLabelUpdated|SensitivityLabelRemoved", kMail, 6001, 3, Subject::kMailItem, 1,
     "sensitivity_label"},
    {"MipLabel", kAnyWorkload, 6001, 3, Subject::kMailItem, 1, "sensitivity_label"},

    // Sites.
    {"SiteCollectionAdminAdded|SiteAdminChangeRequest", kAnyWorkload, 3005, 1, Subject::kSiteAdmin, 3, "role_change",
     "Site Collection Administrator"},
    {"PermissionLevelAdded|SharingInheritanceBroken|PermissionLevelModified", kAnyWorkload, 3005, 1,
     Subject::kSiteAdmin, 1, "permission_change", "Site Permission"},
    {"SiteCollectionAdminRemoved", kAnyWorkload, 3005, 2, Subject::kSiteAdmin, 3, "role_change",
     "Site Collection Administrator"},
    {"SharingPolicyChanged|SiteCollectionQuotaModified|NetworkAccessPolicyChanged|DeviceAccessPolicyChanged",
     kAnyWorkload, 6003, 3, Subject::kGeneric, 1, "policy_change"},
    {"MemberRoleChanged", kFiles, 6003, 3, Subject::kGeneric},
    {"NetworkSecurityConfigurationUpdated", kAnyWorkload, 6003, 3, Subject::kGeneric, 1, "policy_change"},
    {"SiteCollectionCreated", kAnyWorkload, 6001, 1, Subject::kPage},
    {"SiteDeleted|SitePermanentlyDeleted|SiteCollectionDeleted", kAnyWorkload, 6001, 4, Subject::kPage},
    {"SiteRenamed", kAnyWorkload, 6001, 3, Subject::kPage},
    {"PageViewed|PageViewedExtended|ListViewed|ClientViewSignaled|PagePrefetched", kAnyWorkload, 6001, 2,
     Subject::kPage},
    {"ListCreated|ListItemCreated|ListColumnCreated|ListContentTypeCreated|SiteColumnCreated|"
     "SiteContentTypeCreated", kAnyWorkload, 6001, 1, Subject::kPage},
    {"ListUpdated|ListItemUpdated|ListColumnUpdated|ListContentTypeUpdated|ListItemRestored|ListRestored|"
     "SiteColumnUpdated|SiteContentTypeUpdated", kAnyWorkload, 6001, 3, Subject::kPage},
    {"ListDeleted|ListItemDeleted|ListItemRecycled|ListColumnDeleted|ListContentTypeDeleted|SiteColumnDeleted|"
     "SiteContentTypeDeleted", kAnyWorkload, 6001, 4, Subject::kPage},
    {"ListItemViewed", kAnyWorkload, 6001, 2, Subject::kPage},

    // Teams.
    {"ChannelAdded|TabAdded|ConnectorAdded|ChatCreated|MessageSent|MessageCreatedHasLink|MeetingDetail", kTeams, 6001,
     1, Subject::kTeam},
    {"MessageUpdated|TabUpdated|ConnectorUpdated", kTeams, 6001, 3, Subject::kTeam},
    {"ChannelDeleted|TabRemoved|ConnectorRemoved", kTeams, 6001, 4, Subject::kTeam},
    {"MessageDeleted", kAnyWorkload, 6001, 4, Subject::kTeam},
    {"AppInstalled|BotAddedToTeam", kAnyWorkload, 6002, 1, Subject::kApp},
    {"AppUninstalled|BotRemovedFromTeam", kAnyWorkload, 6002, 2, Subject::kApp},

    // Alerts and findings.
    {"AlertTriggered", kAnyWorkload, 2004, 1, Subject::kAlert},
    {"AlertEntityGenerated|AlertUpdated", kAnyWorkload, 2004, 2, Subject::kAlert},
    {"AirInvestigationData|AirManualInvestigation|AirAdminActionInvestigation", kAnyWorkload, 2004, 1,
     Subject::kInvestigation},
    {"TIMailData", kAnyWorkload, 2004, 1, Subject::kThreatMail},
    {"TIUrlClickData", kAnyWorkload, 2004, 1, Subject::kThreatUrl},
    {"AtpDetection", kAnyWorkload, 2004, 1, Subject::kMalware},
    {"AdminSubmission|UserSubmission|AdminSubmissionSubmitted|UserSubmissionTriage", kAnyWorkload, 2004, 1,
     Subject::kThreatMail},
    {"Impossible travel activity|User restricted from sending email|Unusual volume of file deletion", kAnyWorkload, 2004, 1, Subject::kAlert},
    {"DlpRuleMatch", kAnyWorkload, 2006, 1, Subject::kDlp},
    {"DlpInfo", kAnyWorkload, 2006, 2, Subject::kDlp},
    {"DlpRuleUndo", kAnyWorkload, 2006, 3, Subject::kDlp},

    // Discovery of content, reports, AI.
    {"SearchCreated|SearchStarted|CaseAdded|HoldCreated", kAnyWorkload, 6003, 1, Subject::kDiscovery, 1, "ediscovery"},
    {"SearchExported|SearchExportDownloaded", kAnyWorkload, 6003, 2, Subject::kDiscovery, 1, "ediscovery"},
    {"CaseAdminAdded|CaseAdminUpdated", kAnyWorkload, 3005, 1, Subject::kSiteAdmin, 3, "ediscovery",
     "eDiscovery Administrator"},
    {"ViewReport|ViewDashboard|GetDatasources", kAnyWorkload, 6001, 2, Subject::kReport},
    {"ExportReport|ExportArtifact|DownloadReport", kAnyWorkload, 6001, 7, Subject::kReport},
    {"CreateReport|CreateDashboard|CreateDataset", kAnyWorkload, 6001, 1, Subject::kReport},
    {"CreateFlow|CreatePowerApp", kAnyWorkload, 6001, 1, Subject::kPage},
    {"EditReport", kAnyWorkload, 6001, 3, Subject::kReport},
    {"EditFlow|EditPowerApp", kAnyWorkload, 6001, 3, Subject::kPage},
    {"ShareReport|ShareDashboard", kAnyWorkload, 6001, 8, Subject::kReport},
    {"DeleteReport|DeleteDashboard", kAnyWorkload, 6001, 4, Subject::kReport},
    {"DeleteFlow|DeletePowerApp", kAnyWorkload, 6001, 4, Subject::kPage},
    {"CopilotInteraction|ConnectedAIAppInteraction|TeamCopilotInteraction|AIAppInteraction", kAnyWorkload, 6003, 2,
     Subject::kAi},
    {"ValidaterbacAccessCheck", kAnyWorkload, 6003, 2, Subject::kGeneric},
};
// clang-format on

uint64_t HashText(std::string_view text) {
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

// Lower case into `buffer`; empty when it is longer than any row.
std::string_view LowerKey(std::string_view operation, char (&buffer)[kLongestOperation]) {
  operation = TrimOperation(operation);
  if (operation.size() > kLongestOperation) return {};
  for (size_t i = 0; i < operation.size(); ++i) {
    const char c = operation[i];
    buffer[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return {buffer, operation.size()};
}

// Open addressing over the operations of all rows; operations that several rows share stand in the rows' order.
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
    for (size_t at = HashText(key) & (kSlots - 1); slots_[at].row != nullptr;
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
    size_t at = HashText(key) & (kSlots - 1);
    while (slots_[at].row != nullptr) at = (at + 1) & (kSlots - 1);
    slots_[at] = {std::move(key), &row};
  }
  std::vector<Slot> slots_;
};

const OperationIndex& Operations() {
  static const OperationIndex* const index = new OperationIndex();
  return *index;
}

struct Verb {
  std::string_view word;
  uint8_t web_activity;
  uint8_t call_activity;
};
constexpr Verb kVerbs[] = {
    {"Add", 1, 1},     {"Create", 1, 1},   {"New", 1, 1},       {"Upload", 1, 1},
    {"Install", 1, 1}, {"Start", 1, 1},    {"Import", 6, 1},    {"View", 2, 2},
    {"Get", 2, 2},     {"Read", 2, 2},     {"Access", 2, 2},    {"List", 2, 2},
    {"Preview", 2, 2}, {"Search", 5, 2},   {"Aggregate", 2, 2}, {"Validate", 2, 2},
    {"Test", 2, 2},    {"Update", 3, 3},   {"Set", 3, 3},       {"Edit", 3, 3},
    {"Modify", 3, 3},  {"Change", 3, 3},   {"Enable", 3, 3},    {"Disable", 3, 3},
    {"Move", 3, 3},    {"Rename", 3, 3},   {"Delete", 4, 4},    {"Remove", 4, 4},
    {"Purge", 4, 4},   {"Clear", 4, 4},    {"Uninstall", 4, 4}, {"Revoke", 4, 4},
    {"Export", 7, 2},  {"Download", 7, 2}, {"Share", 8, 3},
};
// FlowCreated, UpdatedSetting.
constexpr Verb kPastVerbs[] = {
    {"Added", 1, 1},    {"Created", 1, 1},   {"Uploaded", 1, 1},   {"Installed", 1, 1},
    {"Viewed", 2, 2},   {"Read", 2, 2},      {"Accessed", 2, 2},   {"Searched", 5, 2},
    {"Listed", 2, 2},   {"Previewed", 2, 2}, {"Updated", 3, 3},    {"Edited", 3, 3},
    {"Modified", 3, 3}, {"Changed", 3, 3},   {"Enabled", 3, 3},    {"Disabled", 3, 3},
    {"Moved", 3, 3},    {"Renamed", 3, 3},   {"Deleted", 4, 4},    {"Removed", 4, 4},
    {"Purged", 4, 4},   {"Exported", 7, 2},  {"Downloaded", 7, 2}, {"Shared", 8, 3},
    {"Imported", 6, 1},
};

// SecurityComplianceAlerts, WDATPAlerts, MCASAlerts, MS365DCustomDetection, MAPGAlerts.
constexpr int32_t kAlertRecordTypes[] = {40, 78, 98, 113, 115};

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// The verb at the front ("AddMember", "Add-Member", "Add member", "ViewedReport") or at the end ("MemberAdded").
const Verb* FindVerb(std::string_view operation) {
  for (const Verb& verb : kVerbs) {
    if (operation.size() < verb.word.size() || operation.substr(0, verb.word.size()) != verb.word)
      continue;
    // "Settings" does not begin with the verb Set.
    if (operation.size() > verb.word.size() && IsLower(operation[verb.word.size()])) continue;
    return &verb;
  }
  for (const Verb& verb : kPastVerbs) {
    if (operation.size() <= verb.word.size()) continue;
    if (operation.substr(operation.size() - verb.word.size()) == verb.word) return &verb;
    if (operation.substr(0, verb.word.size()) == verb.word &&
        !IsLower(operation[verb.word.size()])) {
      return &verb;
    }
  }
  // StreamCreateVideo.
  static constexpr std::string_view kStream = "Stream";
  if (operation.substr(0, kStream.size()) == kStream) {
    return FindVerb(operation.substr(kStream.size()));
  }
  return nullptr;
}

// Whether all of a record type's operations are on things of a web application, also where none is named.
bool IsOfWebApplication(int32_t record_type) {
  const std::string_view name = RecordTypeName(record_type).name();
  for (const std::string_view application : {"Planner", "ProjectForTheweb", "MicrosoftForms",
                                             "MicrosoftStream", "MicrosoftTodo", "Viva"}) {
    if (name.substr(0, application.size()) == application) return true;
  }
  return name == "Project";
}

bool IsCmdlet(std::string_view operation) {
  const size_t dash = operation.find('-');
  return dash != std::string_view::npos && dash > 1 && dash + 1 < operation.size() &&
         operation[0] >= 'A' && operation[0] <= 'Z' && operation[dash + 1] >= 'A' &&
         operation[dash + 1] <= 'Z' && operation.find(' ') == std::string_view::npos;
}

}  // namespace

namespace {

WorkloadBit NamedWorkload(std::string_view workload) {
  switch (workload.size()) {
    case 8:
      if (workload == "Exchange") return kExchange;
      if (workload == "OneDrive") return kSharePoint;
      if (workload == "Endpoint") return kEndpoint;
      break;
    case 10:
      if (workload == "SharePoint") return kSharePoint;
      break;
    case 14:
      if (workload == "MicrosoftTeams") return kTeams;
      break;
    case 20:
      if (workload == "AzureActiveDirectory") return kEntra;
      break;
    case 24:
      if (workload == "SecurityComplianceCenter") return kCompliance;
      break;
    default:
      if (workload == "Yammer" || workload == "VivaEngage") return kYammer;
      if (workload == "PowerBI") return kPowerBi;
      if (workload == "Copilot") return kCopilot;
  }
  return kOtherWorkload;
}

}  // namespace

// However it is written.
WorkloadBit WorkloadOf(std::string_view workload) {
  if (const WorkloadBit bit = NamedWorkload(workload); bit != kOtherWorkload) return bit;
  for (const std::string_view name :
       {"Exchange", "OneDrive", "Endpoint", "SharePoint", "MicrosoftTeams", "AzureActiveDirectory",
        "SecurityComplianceCenter", "Yammer", "VivaEngage", "PowerBI", "Copilot"}) {
    if (EqualsIgnoreCase(workload, name)) return NamedWorkload(name);
  }
  return kOtherWorkload;
}

const OcsfClass* FindOcsfClass(int32_t class_uid) {
  for (const OcsfClass& ocsf_class : kClasses) {
    if (ocsf_class.uid == class_uid) return &ocsf_class;
  }
  return nullptr;
}

namespace {

constexpr int kFirstActivity = 1;
constexpr int kFindings = 2;

// "Create=iam/user,creation"; empty when the class has no such activity.
std::string_view ActivityEntry(const OcsfClass& ocsf_class, int activity_id) {
  std::string_view rest = ocsf_class.activities;
  while (!rest.empty()) {
    const size_t bar = rest.find('|');
    const std::string_view one = rest.substr(0, bar);
    const size_t blank = one.find(' ');
    int number = 0;
    for (const char digit : one.substr(0, blank)) number = number * 10 + (digit - '0');
    if (number == activity_id) return one.substr(blank + 1);
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  return {};
}

}  // namespace

std::string_view ActivityName(const OcsfClass& ocsf_class, int activity_id) {
  const std::string_view entry = ActivityEntry(ocsf_class, activity_id);
  return entry.substr(0, entry.find('='));
}

EcsKind EcsKindOf(const OcsfClass& ocsf_class, int activity_id) {
  std::string_view entry = ActivityEntry(ocsf_class, activity_id);
  if (entry.empty()) entry = ActivityEntry(ocsf_class, kFirstActivity);
  entry.remove_prefix(entry.find('=') + 1);
  const size_t slash = entry.find('/');
  return {ocsf_class.category_uid == kFindings ? "alert" : "event", entry.substr(0, slash),
          entry.substr(slash + 1)};
}

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

Mapping MapOperation(std::string_view workload, std::string_view operation, int32_t record_type,
                     bool has_resource) {
  char buffer[kLongestOperation];
  const std::string_view key = LowerKey(operation, buffer);
  if (const MappingRow* const row = Operations().Find(key, WorkloadOf(workload))) {
    return {row->class_uid, row->activity_id, row->subject, row->severity_id,
            MappedBy::kRow, row->label,       row->detail};
  }
  const std::string_view name = TrimOperation(operation);
  if (name.substr(0, 11) == "MCAS_ALERT_") {
    return {2004, 1, Subject::kAlert, 1, MappedBy::kRow, {}, {}};
  }
  if (name.substr(0, 22) == "AirManualInvestigation") {
    return {2004, 1, Subject::kInvestigation, 1, MappedBy::kRow, {}, {}};
  }
  // Alerts have their title for an operation.
  for (const int32_t alert_type : kAlertRecordTypes) {
    if (record_type == alert_type) return {2004, 1, Subject::kAlert, 1, MappedBy::kRow, {}, {}};
  }
  const Verb* const verb = FindVerb(name);
  const bool is_cmdlet_type =
      record_type == 1 || record_type == 10 || record_type == 18 || record_type == 23;
  if (IsCmdlet(name) && (is_cmdlet_type || verb != nullptr)) {
    const uint8_t activity = verb == nullptr ? 99 : verb->call_activity;
    return {6003, activity, Subject::kCmdlet, 1, MappedBy::kCmdletVerb, {}, {}};
  }
  if (record_type == 52 && verb != nullptr && verb->call_activity == 2) {
    return {6003, 2, Subject::kGeneric, 1, MappedBy::kRow, {}, {}};
  }
  if (verb == nullptr) return {6003, 99, Subject::kGeneric, 1, MappedBy::kNothing, {}, {}};
  if (has_resource || IsOfWebApplication(record_type)) {
    return {6001, verb->web_activity, Subject::kPage, 1, MappedBy::kVerb, {}, {}};
  }
  return {6003, verb->call_activity, Subject::kGeneric, 1, MappedBy::kVerb, {}, {}};
}

}  // namespace picket
