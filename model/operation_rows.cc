#include "model/operation_rows.h"

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
    {"AuthenticateRequest", kExchange, kAuthentication, 1, Subject::kSignIn, 1, {},
     "Encrypted Message Portal"},
    {"User logged in", kAnyWorkload, kAuthentication, 1, Subject::kSignIn},

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
    {"User added", kAnyWorkload, kAccountChange, 1, Subject::kTargetUser},
    {"User deleted", kAnyWorkload, kAccountChange, 6, Subject::kTargetUser},
    {"User deactivated|NetworkUserSuspended", kAnyWorkload, kAccountChange, 5,
     Subject::kTargetUser},
    {"Set license properties", kAnyWorkload, kAccountChange, 99, Subject::kTargetUser, 1, {},
     "Change License"},

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
    {"Add delegation entry|Set delegation entry", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kDelegatedGrant, 3, "app_permission"},
    {"Remove delegation entry", kAnyWorkload, kUserAccessManagement, 2, Subject::kDelegatedGrant, 1,
     "app_permission"},

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
    {"UserAddedToGroup", kAnyWorkload, kGroupManagement, 3, Subject::kSiteGroup},
    {"UserRemovedFromGroup", kAnyWorkload, kGroupManagement, 4, Subject::kSiteGroup},

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
    {"Remove partner from company", kAnyWorkload, kEntityManagement, 4, Subject::kOrganization, 1,
     "cross_tenant", "Organization"},
    {"Set DirSyncEnabled flag|Set company contact information", kAnyWorkload, kEntityManagement, 3,
     Subject::kOrganization, 1, {}, "Organization"},
    {"Add domain to company", kAnyWorkload, kEntityManagement, 1, Subject::kDomain, 1,
     "domain_change", "Domain"},
    {"Update domain|Verify email verified domain", kAnyWorkload, kEntityManagement, 3,
     Subject::kDomain, 1, "domain_change", "Domain"},
    {"Remove domain from company", kAnyWorkload, kEntityManagement, 4, Subject::kDomain, 1,
     "domain_change", "Domain"},
    {"Set password policy", kAnyWorkload, kEntityManagement, 3, Subject::kPolicy, 1,
     "policy_change", "Policy"},

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
    {"ApplyRecordLabel", kMail, kWebResourcesActivity, 3, Subject::kMailItem},
    {"AttachmentAccess", kMail, kWebResourcesActivity, 2, Subject::kMailItem},
    {"AttachmentDownload", kMail, kWebResourcesActivity, 7, Subject::kMailItem},
    {"MessageForward", kMail, kWebResourcesActivity, 8, Subject::kMailItem},
    {"SearchQueryInitiated|SharepointSearchQueryInitiated", kAnyWorkload, kWebResourcesActivity, 5,
     Subject::kPage},

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
    {"RecordDelete", kFiles, kFileHostingActivity, 4, Subject::kFile},
    {"FileAccessFailure", kAnyWorkload, kFileHostingActivity, 14, Subject::kFile},
    {"SharedLinkCreated|SharingInvitationUpdated|AccessInvitationCreated|AccessInvitationUpdated",
     kAnyWorkload, kFileHostingActivity, 12, Subject::kSharing, 1, "share_specific"},
    {"SharedLinkDisabled|AccessInvitationExpired|AccessInvitationRevoked", kAnyWorkload,
     kFileHostingActivity, 13, Subject::kSharing},
    {"AccessRequestAccepted|AccessRequestUpdated", kAnyWorkload, kFileHostingActivity, 17,
     Subject::kSharing},
    {"SensitivityLabelChanged", kNotMail, kFileHostingActivity, 3, Subject::kFile, 1,
     "sensitivity_label"},
    {"SensitivityLabelChanged", kMail, kWebResourcesActivity, 3, Subject::kMailItem, 1,
     "sensitivity_label"},
    {"SensitivityLabelPolicyMatched", kAnyWorkload, kFileHostingActivity, 14, Subject::kFile, 1,
     "sensitivity_label"},
    {"SiteSensitivityLabelApplied|SiteSensitivityLabelChanged|SiteSensitivityLabelRemoved",
     kAnyWorkload, kWebResourcesActivity, 3, Subject::kPage, 1, "sensitivity_label"},
    {"SyncGetChanges", kAnyWorkload, kFileHostingActivity, 15, Subject::kFile},

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
    {"SitePermissionsModified|PermissionLevelsInheritanceBroken|SharingInheritanceReset",
     kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin, 1, "permission_change",
     "Site Permission"},
    {"PermissionLevelRemoved", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 1,
     "permission_change", "Site Permission"},
    {"SecondaryMySiteOwnerSet", kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin, 3,
     "owner_change", "Secondary Owner"},
    {"GeoAdminAdded", kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin, 3, "role_change",
     "Geo Administrator"},
    {"GeoAdminDeleted", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 3,
     "role_change", "Geo Administrator"},
    {"AdministratorAddedToTermStore", kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin,
     1, "role_change", "Term Store Administrator"},
    {"AdministratorDeletedFromTermStore", kAnyWorkload, kUserAccessManagement, 2,
     Subject::kSiteAdmin, 1, "role_change", "Term Store Administrator"},
    {"ContainerTypeOwnersUpdated", kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin, 1,
     "owner_change", "Container Type Owner"},
    {"DelegateModified", kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin, 1,
     "permission_change", "Delegate"},
    {"DelegateRemoved", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 1,
     "permission_change", "Delegate"},
    {"AuditPolicyUpdate", kAnyWorkload, kApiActivity, 3, Subject::kGeneric, 3,
     "security_control_change"},
    {"AuditPolicyRemoved", kAnyWorkload, kApiActivity, 4, Subject::kGeneric, 3,
     "security_control_change"},
    {"SPOIBIsDisabled", kAnyWorkload, kApiActivity, 3, Subject::kGeneric, 3,
     "security_control_change"},
    {"SPOIBIsEnabled|SiteIBModeChanged|SiteIBModeSet|SiteIBSegmentsChanged|SiteIBSegmentsRemoved|"
     "SiteIBSegmentsSet|CollaborationTypeModified|ComplianceSettingChanged|"
     "WebMembersCanShareModified|WebRequestAccessModified|ExemptUserAgentSet|"
     "CustomizeExemptUsers|AllowGroupCreationSet|MySitePublicEnabledSet|"
     "PermissionSyncSettingModified|PermissionTemplateModified|SecurityCategoryModified|"
     "SecurityGroupModified|NetworkConfigurationUpdated|SoftDeleteSettingsUpdated|"
     "UpdateUsageReportsPrivacySetting|UpdatedDataAccessSetting|UpdatedPrivacySetting",
     kAnyWorkload, kApiActivity, 3, Subject::kGeneric, 1, "policy_change"},
    {"SSOGroupCredentialsSet|SSOUserCredentialsSet", kAnyWorkload, kApiActivity, 3,
     Subject::kGeneric, 1, "credential_change"},
    {"SupervisorAdminToggled", kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin, 3,
     "role_change", "Network Administrator"},
    {"CommunityAccessFailure|MessageAccessFailure", kAnyWorkload, kWebResourcesActivity, 2,
     Subject::kPage},
    {"DataExport", kAnyWorkload, kWebResourcesActivity, 7, Subject::kPage, 1, "collection"},

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
    {"MeetingParticipantDetail|CallParticipantDetail|ChatRetrieved|MessageRead|MessagesListed|"
     "MessageHostedContentRead|MessageHostedContentsListed", kTeams, kWebResourcesActivity, 2,
     Subject::kTeam},
    {"MessagesExported", kAnyWorkload, kWebResourcesActivity, 7, Subject::kTeam, 1, "collection"},
    {"SubscribedToMessages", kAnyWorkload, kApiActivity, 1, Subject::kGeneric, 1, "collection"},
    {"MessageEditedHasLink|MessageEditedHasViolation|ChatUpdated|ReactedToMessage|"
     "PerformedCardAction", kTeams, kWebResourcesActivity, 3, Subject::kTeam},
    {"TeamSettingChanged|ChannelSettingChanged|TeamsAdminAction", kAnyWorkload, kApiActivity, 3,
     Subject::kCmdlet},
    {"AppPublishedToCatalog", kAnyWorkload, kApplicationLifecycle, 1, Subject::kApp},
    {"AppDeletedFromCatalog|DeletedAllOrganizationApps", kAnyWorkload, kApplicationLifecycle, 2,
     Subject::kApp},
    {"AppUpdatedInCatalog|AppUpgraded", kAnyWorkload, kApplicationLifecycle, 8, Subject::kApp},
    {"UserBlocked", kTeams, kApiActivity, 3, Subject::kGeneric},
    {"SharingRestored|InviteSent", kTeams, kWebResourcesActivity, 8, Subject::kTeam},
    {"TerminatedSharing", kTeams, kWebResourcesActivity, 3, Subject::kTeam},

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
    {"TeamsImpersonationDetected|SecurityRiskInCallDetected|MessageReported|UserReported|"
     "CallReported|SupervisionRuleMatch", kAnyWorkload, kDetectionFinding, 1, Subject::kAlert},
    {"AttackSimUserSubmission|CustomSubmission", kAnyWorkload, kDetectionFinding, 1,
     Subject::kThreatMail},
    {"AdminSubmissionRegistered|AdminSubmissionSubmitting|AdminSubmissionDeliveryCheck|"
     "AdminSubmissionTriage|AdminSubmissionTimeout|AdminSubmissionTablAllow|"
     "SubmissionNotification", kAnyWorkload, kDetectionFinding, 2, Subject::kThreatMail},

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
    {"CaseAdminRemoved", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 1,
     "ediscovery", "eDiscovery Administrator"},
    {"CaseMemberAdded|CaseMemberUpdated", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kSiteAdmin, 3, "ediscovery", "eDiscovery Case Member"},
    {"CaseMemberRemoved", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 1,
     "ediscovery", "eDiscovery Case Member"},
    {"SearchPermissionCreated|SearchPermissionUpdated", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kSiteAdmin, 3, "ediscovery", "Search Permission Filter"},
    {"SearchPermissionRemoved", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 3,
     "ediscovery", "Search Permission Filter"},
    {"Add-eDiscoveryCaseAdmin|Update-eDiscoveryCaseAdmin", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kRoleAssignment, 3, "ediscovery", "eDiscovery Administrator"},
    {"Remove-eDiscoveryCaseAdmin", kAnyWorkload, kUserAccessManagement, 2, Subject::kRoleAssignment,
     3, "ediscovery", "eDiscovery Administrator"},
    {"Add-ComplianceCaseMember|Update-ComplianceCaseMember", kAnyWorkload, kUserAccessManagement, 1,
     Subject::kRoleAssignment, 3, "ediscovery", "eDiscovery Case Member"},
    {"Remove-ComplianceCaseMember", kAnyWorkload, kUserAccessManagement, 2,
     Subject::kRoleAssignment, 3, "ediscovery", "eDiscovery Case Member"},
    {"New-ComplianceSecurityFilter|Set-ComplianceSecurityFilter", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kRoleAssignment, 3, "ediscovery",
     "Search Permission Filter"},
    {"Remove-ComplianceSecurityFilter", kAnyWorkload, kUserAccessManagement, 2,
     Subject::kRoleAssignment, 3, "ediscovery", "Search Permission Filter"},
    {"New-ComplianceSearchAction|New-ComplianceSearch|New-ComplianceCase|New-CaseHoldPolicy|"
     "New-CaseHoldRule|Start-ComplianceSearch", kAnyWorkload, kApiActivity, 1, Subject::kCmdlet, 1,
     "ediscovery"},
    {"Get-ComplianceCase|Get-ComplianceSearch|Get-ComplianceSearchAction", kAnyWorkload,
     kApiActivity, 2, Subject::kCmdlet, 1, "ediscovery"},
    {"Set-ComplianceSearch|Set-ComplianceCase|Set-CaseHoldPolicy|Set-CaseHoldRule|"
     "Stop-ComplianceSearch", kAnyWorkload, kApiActivity, 3, Subject::kCmdlet, 1, "ediscovery"},
    {"Remove-CaseHoldPolicy|Remove-CaseHoldRule|Remove-ComplianceCase|Remove-ComplianceSearch|"
     "Remove-ComplianceSearchAction", kAnyWorkload, kApiActivity, 4, Subject::kCmdlet, 1,
     "ediscovery"},
    {"SearchReport|eDiscoveryHoldApplied|CreateWorkingSet|CreateWorkingSetSearch|"
     "AddNonOffice365DataToWorkingSet|AddQueryToWorkingSet|AddRemediatedData|"
     "AddWorkingSetQueryToWorkingSet|BurnJob|ReviewSetCopied|RunAlgo", kAnyWorkload, kApiActivity,
     1, Subject::kDiscovery, 1, "ediscovery"},
    {"SearchPreviewed|SearchViewed|ViewedSearchExported|ViewedSearchPreviewed|"
     "SearchResultsSentToZoom|PreviewItemDownloaded|PreviewItemListed|PreviewItemRendered|"
     "CaseViewed|eDiscoverySearchPerformed|DownloadDocument|ViewDocument|ExportJob|"
     "PreviewWorkingSetSearch|LoadComparisonJob", kAnyWorkload, kApiActivity, 2,
     Subject::kDiscovery, 1, "ediscovery"},
    {"SearchUpdated|SearchStopped|CaseUpdated|CaseClosed|HoldUpdated|UpdateCaseSettings|"
     "UpdateWorkingSetSearch|AnnotateDocument|ErrorRemediationJob|TagFiles|TagJob", kAnyWorkload,
     kApiActivity, 3, Subject::kDiscovery, 1, "ediscovery"},
    {"SearchResultsPurged|SearchRemoved|SearchReportRemoved|RemovedSearchExported|"
     "RemovedSearchPreviewed|RemovedSearchResultsPurged|RemovedSearchResultsSentToZoom|"
     "CaseRemoved|HoldRemoved|eDiscoveryHoldRemoved|DeleteWorkingSetSearch", kAnyWorkload,
     kApiActivity, 4, Subject::kDiscovery, 1, "ediscovery"},
    {"LabelContentExplorerAccessedItem", kAnyWorkload, kWebResourcesActivity, 2, Subject::kPage, 1,
     "collection"},
    {"DefenderExpertsAnalystPermissionCreated|DefenderExpertsAnalystPermissionModified",
     kAnyWorkload, kUserAccessManagement, 1, Subject::kSiteAdmin, 3, "role_change",
     "Defender Experts Analyst"},

    // Policies of retention and of communication compliance.
    {"NewRetentionCompliancePolicy|NewRetentionComplianceRule|NewComplianceTag|NewAdaptiveScope|"
     "SupervisionPolicyCreated|CreateRulePackage", kAnyWorkload, kApiActivity, 1, Subject::kGeneric,
     1, "policy_change"},
    {"SetRetentionCompliancePolicy|SetRetentionComplianceRule|SetComplianceTag|SetAdaptiveScope|"
     "SetRestrictiveRetentionUI|ApplicableAdaptiveScopeChange|SupervisionPolicyUpdated|"
     "EditRulePackage", kAnyWorkload, kApiActivity, 3, Subject::kGeneric, 1, "policy_change"},
    {"RemoveRetentionCompliancePolicy|RemoveRetentionComplianceRule|RemoveComplianceTag|"
     "RemoveAdaptiveScope|SupervisionPolicyDeleted|RemoveRulePackage", kAnyWorkload, kApiActivity,
     4, Subject::kGeneric, 3, "security_control_change"},
    {"Remove-RetentionCompliancePolicy|Remove-RetentionComplianceRule|Remove-ComplianceTag",
     kAnyWorkload, kApiActivity, 4, Subject::kCmdlet, 3, "security_control_change"},
    {"SupervisoryReviewTag|SupervisoryReviewOLAudit", kAnyWorkload, kApiActivity, 3,
     Subject::kGeneric},

    // Power BI and Fabric: access, secrets, settings and copies of data.
    {"AddFolderAccess|UpdateFolderAccess|AddGroupMembers|AddAdminPersonalWorkspaceAccess|"
     "UpdateWorkspaceAccess|AddWorkspaceRoleViaAdminApi|UpdateWorkspaceRoleViaAdminApi|"
     "UpdateAlmPipelineAccess|UpdateAlmPipelineAccessAsAdmin|UpdateByoResourceAccess|"
     "CreateOrUpdateDataAccessRoles|UpdateArtifactRoles|GoalsCreateRole|GoalsUpdateRole|"
     "UpdateDataDomainAccessAsAdmin|SetContainerAcl|SetAccessControlForFile", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kSiteAdmin, 3, "permission_change", "Workspace Access"},
    {"DeleteFolderAccess|DeleteGroupMembers|RemoveAdminPersonalWorkspaceAccess|"
     "DeleteWorkspaceRoleViaAdminApi|DeleteAlmPipelineAccess|DeleteAlmPipelineAccessAsAdmin|"
     "GoalsDeleteRole", kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 1,
     "permission_change", "Workspace Access"},
    {"ChangeGatewayAdministrators|ChangeGatewayDatasourceUsers|AddUsersToGatewayCluster|"
     "AddUsersToGatewayClusterDatasource|CreateGatewayClusterUser|"
     "UpdateGatewayInstallerPrincipals|UpdateDatasourceSharePrincipalsPolicy|"
     "UpdateCapacityAdmins|UpdateCapacityUsersAssignment|DataflowPermissionsAdded|"
     "UpdatedDataflowStorageAssignmentPermissions|EditCertificationPermission", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kSiteAdmin, 3, "permission_change",
     "Gateway Or Capacity Access"},
    {"RemoveGatewayClusterUser|RemoveGatewayClusterDatasourceUser|DataflowPermissionsRemoved",
     kAnyWorkload, kUserAccessManagement, 2, Subject::kSiteAdmin, 1, "permission_change",
     "Gateway Or Capacity Access"},
    {"TakeOverDataset|TakeOverDatasource|TakeOverEmailSubscription|TookOverDataflow", kAnyWorkload,
     kUserAccessManagement, 1, Subject::kSiteAdmin, 3, "owner_change", "owner"},
    {"AcquireStorageAccountKey|AcquireStorageSASFromExternalApplication|GenerateDataflowSasToken|"
     "GenerateEmbedToken|GenerateMultiResourceEmbedToken|GenerateCustomVisualAADAccessToken|"
     "GenerateCustomVisualWACAccessToken|CustomVisualWACAccessToken|"
     "ReceiveDataflowSecretFromKeyVault|GetDatasourceDetailsWithCredentialsAsync|"
     "GetGatewayClusterDatasourceOAuthDetails|GetWorkspaceIdentityTokenViaApi|"
     "GetModelSASTokenViaLockbox|GetGatewayTenantKeys|GetTenantKeysAsAdmin", kAnyWorkload,
     kApiActivity, 2, Subject::kGeneric, 1, "credential_access"},
    {"AddTenantKey|CreateGatewayTenantKey|RotateTenantKey|RotateTenantKeyEncryptionKey|"
     "SetCapacityTenantKey|UpdateDatasourceCredentials|UpdateGatewayClusterDatasourceCredentials|"
     "PostGitProviderCredentials|DeleteGitProviderCredentials|AutoBindGitCredentials|"
     "EncryptCredentials|EncryptClusterCredentials|ReencryptCredentials", kAnyWorkload,
     kApiActivity, 3, Subject::kGeneric, 1, "credential_change"},
    {"UpdatedAdminFeatureSwitch|UpdateTenantDlpPolicies|UpdateDatasourceShareTenantPolicy|"
     "UpdateGatewayTenantPolicy|UpdateCapacityTenantSettingDelegation|"
     "UpdateDomainTenantSettingDelegation|UpdateWorkspaceTenantSettingDelegation|"
     "UpdateAccessRequestSettings|UpdateInPlaceSharingSettings|AllowedInUntrustedContextsViaApi",
     kAnyWorkload, kApiActivity, 3, Subject::kGeneric, 1, "policy_change"},
    {"PublishToWebReport", kAnyWorkload, kWebResourcesActivity, 8, Subject::kReport, 1,
     "share_anonymous"},
    {"CreateExternalDataShare|AcceptExternalDataShare|CreateDatasetByQuickShare|CreateDataSharing",
     kAnyWorkload, kWebResourcesActivity, 8, Subject::kReport, 1, "share_specific"},
    {"ExportActivityEvents", kAnyWorkload, kWebResourcesActivity, 7, Subject::kReport, 1,
     "collection"},
    {"AnalyzeInExcel|AnalyzeInExcelDataset|AnalyzeInExcelReport|AnalyzedByExternalApplication|"
     "ConnectFromExternalApplication|ExploreDataExternally", kAnyWorkload, kWebResourcesActivity, 2,
     Subject::kReport},
    {"ExportDataflow|ExportScorecard|ExportTile|PrintReport|PrintDashboard|DownloadCopyOfLakeData",
     kAnyWorkload, kWebResourcesActivity, 7, Subject::kReport},
};
// clang-format on

// Each of these rows applies to all operations that begin with `operations`.
constexpr MappingRow kPrefixRows[] = {
    {"MCAS_ALERT_", kAnyWorkload, kDetectionFinding, kFindingCreate, Subject::kAlert},
    {"AirManualInvestigation", kAnyWorkload, kDetectionFinding, kFindingCreate,
     Subject::kInvestigation},
};

}  // namespace

absl::Span<const MappingRow> MappingRows() { return kRows; }

absl::Span<const MappingRow> PrefixRows() { return kPrefixRows; }

}  // namespace picket
