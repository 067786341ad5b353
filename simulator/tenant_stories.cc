#include "simulator/tenant_stories.h"

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::simulator {
namespace {

// Formats a list as multi-line JSON, as directory records do.
std::string ListOf(std::string_view values) {
  return absl::StrCat("[\r\n  ", ToAbsl(values), "\r\n]");
}

DirectoryTarget PolicyTarget(std::string_view id, std::string_view name) {
  return {"Policy", std::string(id), std::string(name), absl::StrCat("Policy_", ToAbsl(id))};
}

// The attacker uses a stolen session to search for more passwords, register a telephone, delete the
// notification, and secure later access to the mail.
void MailboxReadByStrangers(StoryWriter& story) {
  story.Begin("A mailbox read by strangers", absl::Minutes(3));
  const std::string address = story.AttackerAddress(4);
  const Person& victim = story.cast.Next();
  story.Add(story.write.SignIn(victim, story.now(), address));
  const AuditRecord search =
      story.write_security.Search(victim, story.Advance(absl::Minutes(3)), address, "vpn password");
  story.AddWithAlert("search_for_secrets", search, victim.upn, "");
  story.AddWithAlert(
      "mfa_method_changed",
      story.write.Directory(
          victim, story.Advance(absl::Minutes(4)), "Update user.", UserTarget(victim),
          {{"StrongAuthenticationMethod",
            ListOf("{\r\n    \"MethodType\": 6,\r\n    \"Default\": true\r\n  },\r\n  "
                   "{\r\n    \"MethodType\": 0,\r\n    \"Default\": false\r\n  }"),
            ListOf("{\r\n    \"MethodType\": 6,\r\n    \"Default\": true\r\n  }")},
           {"Included Updated Properties", "StrongAuthenticationMethod", ""}}),
      victim.upn, victim.upn);
  story.AddWithAlert("mfa_notice_deleted",
                     story.write.Mailbox(victim, story.Advance(absl::Minutes(2)), address,
                                         "HardDelete", "Your security info was changed"),
                     victim.upn, "");
  story.AddWithAlert(
      "inbox_rule_forwards_outside",
      story.write_security.OutlookRule(
          victim, story.Advance(absl::Minutes(6)), address, "Orders",
          absl::StrCat("[{\"ActionType\":\"Forward\",\"Recipients\":[\"", victim.alias,
                       "@orders.example.net\"],", "\"ForwardFlags\":\"None\"}]")),
      victim.upn, "");
  story.AddWithAlert("mailbox_forwarded_to_recipient",
                     story.write.Cmdlet(victim, story.Advance(absl::Minutes(5)), address,
                                        "Set-Mailbox", victim.alias,
                                        {{"Identity", victim.upn},
                                         {"ForwardingAddress", "Archive Service"},
                                         {"DeliverToMailboxAndForward", "True"}}),
                     victim.upn, victim.alias);
  story.AddWithAlert("mailbox_folder_shared_with_all",
                     story.write_security.FolderPermissions(
                         victim, story.Advance(absl::Minutes(4)), "Inbox", "Everyone",
                         "ReadAny, Visible, FreeBusySimple, FreeBusyDetailed"),
                     victim.upn, "");
  const Site site = story.company.OneDrive(victim);
  const std::string file = story.frame.FileName();
  story.AddWithAlert("file_shared_with_guest",
                     story.write.Sharing(victim, story.Advance(absl::Minutes(7)), address,
                                         "AddedToSecureLink", site, file, "<Type>Edit</Type>",
                                         absl::StrCat(victim.alias, "@storage.example.net")),
                     victim.upn, absl::StrCat(site.url, "Documents/", file));
}

// The attacker turns off the defences against phishing mail, and such mail arrives.
void MailDefencesTakenDown(StoryWriter& story) {
  story.Begin("The mail defences taken down", absl::Minutes(18));
  const std::string address = story.AttackerAddress(5);
  const Person& administrator = story.cast.Next();
  const Person& reader = story.cast.Next();
  const std::string& domain = story.company.tenant().domain;
  story.Add(story.write.SignIn(administrator, story.now(), address));
  const auto cmdlet = [&](std::string_view behaviour, std::string_view operation,
                          std::string_view object, const NameValues& parameters) {
    story.AddWithAlert(behaviour,
                       story.write.Cmdlet(administrator, story.Advance(absl::Minutes(3)), address,
                                          operation, object, parameters),
                       administrator.upn, object);
  };
  const std::string standard = "Standard protection";
  const NameValues identity = {{"Identity", standard}, {"Confirm", "False"}};
  cmdlet("safe_links_off", "Disable-SafeLinksRule", standard, identity);
  cmdlet("safe_attachments_off", "Disable-SafeAttachmentRule", standard, identity);
  cmdlet("malware_filter_removed", "Remove-MalwareFilterRule", standard, identity);
  cmdlet("dkim_signing_off", "Set-DkimSigningConfig", domain,
         {{"Identity", domain}, {"Enabled", "False"}});
  cmdlet("transport_rule_removed", "Disable-TransportRule", "Warn of mail from outside",
         {{"Identity", "Warn of mail from outside"}, {"Confirm", "False"}});
  // In each of the following records, the ObjectId is the id of an alert, a message or a file. The
  // writer invents this id, so `object_of` reads it from the record.
  const auto object_of = [](const AuditRecord& record) {
    const size_t at = record.json.find("\"ObjectId\":\"") + 12;
    return record.json.substr(at, record.json.find('"', at) - at);
  };
  const auto found = [&](std::string_view behaviour, AuditRecord record, std::string_view user) {
    const std::string object = object_of(record);
    story.AddWithAlert(behaviour, std::move(record), user, object);
  };
  found("phishing_mail_delivered",
        story.write_security.MailThreat(story.Advance(absl::Minutes(6)), reader,
                                        "billing@invoices.example.net", "Phish", "Delivered"),
        "ThreatIntel");
  found("quarantine_released",
        story.write_security.Quarantine(administrator, story.Advance(absl::Minutes(3)),
                                        "QuarantineRelease", reader),
        administrator.upn);
  found("quarantine_exported",
        story.write_security.Quarantine(administrator, story.Advance(absl::Minutes(2)),
                                        "QuarantineExport", reader),
        administrator.upn);
  found("malicious_file_detected",
        story.write_security.FileThreat(story.Advance(absl::Minutes(4)),
                                        story.company.OneDrive(reader), "Invoice 4471.xlsm"),
        "ThreatIntel");
  found("mail_removed_after_delivery",
        story.write_security.Alert(story.Advance(absl::Minutes(8)),
                                   "Email messages containing malicious URL removed after delivery",
                                   "Informational", "Active", reader),
        "SecurityComplianceAlerts");
  found("vendor_alert_low",
        story.write_security.Alert(story.Advance(absl::Minutes(2)),
                                   "Email reported by user as malware or phish", "Low", "Active",
                                   reader),
        "SecurityComplianceAlerts");
  found("vendor_alert_medium",
        story.write_security.Alert(story.Advance(absl::Minutes(2)),
                                   "A user clicked through to a potentially malicious URL",
                                   "Medium", "Active", reader),
        "SecurityComplianceAlerts");
}

// The attacker uses an administrator's account and eDiscovery to search everybody's mail.
void EverybodysMail(StoryWriter& story) {
  story.Begin("Everybody's mail, by the tools of the lawyers", absl::Minutes(10));
  const std::string address = story.AttackerAddress(6);
  const Person& administrator = story.cast.Next();
  const Person& owner = story.cast.Next();
  story.Add(story.write.SignIn(administrator, story.now(), address));
  story.AddWithAlert(
      "exchange_role_group_joined",
      story.write.Cmdlet(administrator, story.Advance(absl::Minutes(3)), address,
                         "Add-RoleGroupMember", "Discovery Management",
                         {{"Identity", "Discovery Management"}, {"Member", administrator.upn}}),
      administrator.upn, "Discovery Management");
  const std::string name = "Review 12";
  const auto discovery = [&](std::string_view behaviour, std::string_view operation) {
    story.AddWithAlert(
        behaviour,
        story.write_security.Discovery(administrator, story.Advance(absl::Minutes(4)), address,
                                       operation, name, "contract OR password OR iban"),
        administrator.upn, name);
  };
  discovery("ediscovery_access_granted", "CaseAdminAdded");
  discovery("ediscovery_case_opened", "CaseAdded");
  discovery("ediscovery_search_run", "SearchCreated");
  discovery("ediscovery_exported", "SearchExported");
  story.AddWithAlert(
      "exchange_role_assigned",
      story.write.Cmdlet(
          administrator, story.Advance(absl::Minutes(5)), address, "New-ManagementRoleAssignment",
          "Archive",
          {{"Name", "Archive"}, {"Role", "ApplicationImpersonation"}, {"User", administrator.upn}}),
      administrator.upn, "Archive");
  story.AddWithAlert(
      "advanced_audit_removed",
      story.write.Directory(administrator, story.Advance(absl::Minutes(4)), "Change user license.",
                            UserTarget(owner),
                            {{"AssignedLicense",
                              ListOf("\"[SkuName=ENTERPRISEPREMIUM, SkuId=c7df2760-2c81-4ef7-b578-"
                                     "5b5392b571df, DisabledPlans=[M365_ADVANCED_AUDITING]]\""),
                              ListOf("\"[SkuName=ENTERPRISEPREMIUM, SkuId=c7df2760-2c81-4ef7-b578-"
                                     "5b5392b571df, DisabledPlans=[]]\"")},
                             {"Included Updated Properties", "AssignedLicense", ""}}),
      administrator.upn, owner.upn);
  story.AddWithAlert("mailbox_opened_by_administrator",
                     story.write_security.MailReadByAdministrator(
                         administrator, owner, story.Advance(absl::Minutes(6)), address),
                     administrator.upn, "");
  AuditRecord mail =
      story.write_security.MailOpenedByAnalyst(administrator, story.Advance(absl::Minutes(5)));
  story.AddWithAlert("admin_opened_mail", std::move(mail), administrator.upn, "");
  story.AddWithAlert(
      "mailbox_send_as_granted",
      story.write.Cmdlet(
          administrator, story.Advance(absl::Minutes(3)), address, "Add-RecipientPermission",
          owner.alias,
          {{"Identity", owner.upn}, {"Trustee", administrator.upn}, {"AccessRights", "SendAs"}}),
      administrator.upn, owner.alias);
  story.AddWithAlert(
      "mailbox_send_on_behalf_granted",
      story.write.Cmdlet(administrator, story.Advance(absl::Minutes(2)), address, "Set-Mailbox",
                         owner.alias,
                         {{"Identity", owner.upn}, {"GrantSendOnBehalfTo", administrator.upn}}),
      administrator.upn, owner.alias);
}

// The attacker weakens the protection against outsiders. Then an outsider starts a chat.
void DoorsOpenedToTheOutside(StoryWriter& story) {
  story.Begin("Doors opened to the outside", absl::Minutes(22));
  const std::string address = story.AttackerAddress(7);
  const Person& administrator = story.cast.Next();
  const Site& site = story.random.Pick(story.company.sites());
  const std::string global = absl::StrCat(story.company.tenant().domain, "\\Global");
  story.Add(story.write.SignIn(administrator, story.now(), address));
  story.AddWithAlert(
      "sharing_policy_weakened",
      story.write_security.SharingPolicy(administrator, story.Advance(absl::Minutes(4)), address,
                                         site, {"ShareUsingAnonymousLinks", "Enabled", "Disabled"}),
      administrator.upn, site.url);
  story.AddWithAlert("permission_level_added",
                     story.write_security.PermissionLevel(
                         administrator, story.Advance(absl::Minutes(3)), address, site, "Helpers",
                         "ViewListItems, EditListItems, ManagePermissions"),
                     administrator.upn, site.url);
  story.AddWithAlert(
      "teams_external_access_opened",
      story.write_security.TeamsCmdlet(administrator, story.Advance(absl::Minutes(5)),
                                       "Set-CsTenantFederationConfiguration",
                                       {{"Identity", "Global"},
                                        {"AllowFederatedUsers", "True"},
                                        {"AllowTeamsConsumer", "True"}}),
      administrator.upn, global);
  story.AddWithAlert(
      "teams_guest_access_opened",
      story.write_security.TeamsCmdlet(administrator, story.Advance(absl::Minutes(2)),
                                       "Set-CsTeamsClientConfiguration",
                                       {{"Identity", "Global"}, {"AllowGuestUser", "True"}}),
      administrator.upn, global);
  const std::string apps = "Allow sideloading and interaction of custom apps";
  story.AddWithAlert("teams_custom_apps_allowed",
                     story.write_security.TeamsSetting(
                         administrator, story.Advance(absl::Minutes(3)), {apps, "True", "False"}),
                     administrator.upn, apps);
  story.AddWithAlert("teams_bot_added",
                     story.write_security.BotAdded(administrator, story.Advance(absl::Minutes(4)),
                                                   "Meeting notes", site),
                     administrator.upn, site.name);
  const DirectoryTarget policy = PolicyTarget(story.random.Guid(), "Authorization Policy");
  story.AddWithAlert(
      "guest_invitations_opened",
      story.write.Directory(
          administrator, story.Advance(absl::Minutes(5)), "Update authorization policy.", policy,
          {{"AllowInvitesFrom", ListOf("\"everyone\""), ListOf("\"adminsAndGuestInviters\"")},
           {"Included Updated Properties", "AllowInvitesFrom", ""}}),
      administrator.upn, policy.record_object_id);
  const std::string guest = absl::StrCat("consultant_", story.random.Below(1000),
                                         ".example.net#EXT#@", story.company.tenant().domain);
  story.AddWithAlert(
      "guest_invited",
      story.write.Directory(administrator, story.Advance(absl::Minutes(3)), "Invite external user.",
                            {"User", story.random.Guid(), guest, guest}, {}),
      administrator.upn, guest);
  const std::string caller =
      absl::StrCat("support@helpdesk-", story.random.Below(1000), ".example.net");
  story.AddWithAlert(
      "fake_help_desk_chat",
      story.write_security.ForeignChat(caller, "IT Help Desk (External)",
                                       story.Advance(absl::Minutes(9)), administrator),
      caller, "");
}

// The attacker uploads a malicious file, disguised as an offer, to a library.
void MalwarePassedAround(StoryWriter& story) {
  story.Begin("Malware passed around", absl::Minutes(30));
  const std::string address = story.AttackerAddress(8);
  const Person& victim = story.cast.Next();
  const Site& site = story.random.Pick(story.company.sites());
  story.Add(story.write.SignIn(victim, story.now(), address));
  const std::string file = absl::StrCat("Offer ", story.random.Between(100, 999), ".pdf.exe");
  const std::string object = absl::StrCat(site.url, "Shared Documents/", file);
  story.AddWithAlert({"double_extension_uploaded", "executable_uploaded"},
                     story.write.File(victim, story.Advance(absl::Minutes(6)), address,
                                      "FileUploaded", site, file),
                     victim.upn, object);
  story.AddWithAlert("malware_in_site",
                     story.write_security.Malware(victim, story.Advance(absl::Minutes(10)), address,
                                                  site, file, "Trojan:Win32/Example"),
                     victim.upn, object);
  AuditRecord alarm = story.write_security.Alert(story.Advance(absl::Minutes(3)),
                                                 "Malware campaign detected in SharePoint", "High",
                                                 "Active", victim);
  story.AddWithAlert("vendor_alert_high", std::move(alarm), "SecurityComplianceAlerts", "");
}

// Entra blocks a user's consent to a malicious application. The attacker then allows the
// application with an administrator's account.
void ApplicationThatMayDoEverything(StoryWriter& story) {
  story.Begin("An application that may do everything", absl::Minutes(15));
  const std::string address = story.AttackerAddress(9);
  const Person& user = story.cast.Next();
  const Person& administrator = story.cast.Next();
  const std::string application = story.random.Guid();
  const std::string app_id = story.random.Guid();
  const std::string application_object = absl::StrCat("Application_", application);
  const DirectoryTarget principal = {"ServicePrincipal", story.random.Guid(), "Mail archive",
                                     app_id};
  story.AddWithAlert(
      "risky_consent_refused",
      story.write.Directory(
          user, story.Advance(absl::Minutes(2)), "Consent to application.", principal,
          {{"ConsentContext.IsAdminConsent", "False", ""},
           {"MethodExecutionResult.",
            "Microsoft.Online.Security.UserConsentBlockedForRiskyAppsException", ""}},
          "Failure"),
      user.upn, app_id);
  story.Add(story.write.SignIn(administrator, story.Advance(absl::Minutes(8)), address));
  const DirectoryTarget policy = PolicyTarget(story.random.Guid(), "Authorization Policy");
  story.AddWithAlert(
      "risky_consent_allowed",
      story.write.Directory(administrator, story.Advance(absl::Minutes(3)),
                            "Update authorization policy.", policy,
                            {{"AllowUserConsentForRiskyApps", ListOf("true"), ListOf("false")}}),
      administrator.upn, policy.record_object_id);
  story.AddWithAlert("app_owner_added",
                     story.write.Directory(administrator, story.Advance(absl::Minutes(4)),
                                           "Add owner to application.",
                                           {"User", user.object_id, user.upn, user.upn},
                                           {{"Application.ObjectID", application, ""},
                                            {"Application.DisplayName", "Mail archive", ""},
                                            {"Application.AppId", app_id, ""}}),
                     administrator.upn, user.upn);
  story.AddWithAlert(
      "app_permissions_requested",
      story.write.Directory(
          administrator, story.Advance(absl::Minutes(3)), "Update application.",
          {"Application", application, "Mail archive", application_object},
          {{"RequiredResourceAccess",
            ListOf("{\r\n    \"ResourceAppId\": \"00000003-0000-0000-c000-000000000000\",\r\n    "
                   "\"RequiredAppPermissions\": [\r\n      {\r\n        \"EntitlementId\": "
                   "\"e2a3a72e-5f79-4c64-b1b1-878b674786c9\",\r\n        \"DirectAccessGrant\": "
                   "true\r\n      }\r\n    ]\r\n  }"),
            "[]"},
           {"Included Updated Properties", "RequiredResourceAccess", ""}}),
      administrator.upn, application_object);
  story.AddWithAlert(
      "admin_consent_granted",
      story.write.Directory(
          administrator, story.Advance(absl::Minutes(2)), "Consent to application.", principal,
          {{"ConsentContext.IsAdminConsent", "True", ""},
           {"ConsentContext.OnBehalfOfAll", "True", ""},
           {"ConsentAction.Permissions",
            absl::StrCat("[] => [[Id: ", story.random.Hex(30), ", ClientId: ", principal.object_id,
                         ", PrincipalId: , ResourceId: ", story.random.Guid(),
                         ", ConsentType: AllPrincipals, Scope: User.Read]]; "),
            ""}}),
      administrator.upn, app_id);
  const std::string graph = "00000003-0000-0000-c000-000000000000;https://graph.microsoft.com";
  story.AddWithAlert(
      "graph_role_granted",
      story.write.Directory(administrator, story.Advance(absl::Minutes(1)),
                            "Add app role assignment to service principal.",
                            {"ServicePrincipal", story.random.Guid(), "Microsoft Graph", graph},
                            {{"AppRole.Id", "e2a3a72e-5f79-4c64-b1b1-878b674786c9", ""},
                             {"AppRole.Value", "Mail.ReadWrite", ""},
                             {"AppRole.DisplayName", "Read and write mail in all mailboxes", ""},
                             {"ServicePrincipal.ObjectID", principal.object_id, ""},
                             {"ServicePrincipal.DisplayName", "Mail archive", ""}}),
      administrator.upn, graph);
}

// The attacker uses an administrator's account to weaken the sign-in policies.
void TrustGivenToAStranger(StoryWriter& story) {
  story.Begin("Trust given to a stranger", absl::Minutes(27));
  const std::string address = story.AttackerAddress(10);
  const Person& administrator = story.cast.Next();
  const Person& puppet = story.cast.Next();
  story.Add(story.write.SignIn(administrator, story.now(), address));
  const auto directory = [&](std::string_view behaviour, std::string_view operation,
                             const DirectoryTarget& target,
                             const std::vector<PropertyChange>& changes) {
    story.AddWithAlert(behaviour,
                       story.write.Directory(administrator, story.Advance(absl::Minutes(5)),
                                             operation, target, changes),
                       administrator.upn, target.record_object_id);
  };
  const DirectoryTarget factor = PolicyTarget(story.random.Guid(), "Second factor for all");
  directory("conditional_access_changed", "Update conditional access policy.", factor,
            {{"ConditionalAccessPolicy",
              absl::StrCat("{\"state\":\"enabled\",\"conditions\":{\"users\":{\"excludeUsers\":[\"",
                           puppet.object_id, "\"]}}}"),
              "{\"state\":\"enabled\",\"conditions\":{\"users\":{\"excludeUsers\":[]}}}"}});
  const DirectoryTarget device = PolicyTarget(story.random.Guid(), "Known devices only");
  directory("conditional_access_off", "Update conditional access policy.", device,
            {{"ConditionalAccessPolicy", "{\"state\":\"disabled\"}", "{\"state\":\"enabled\"}"}});
  const std::string& tenant = story.company.tenant().id;
  directory("mfa_trusted_address_changed", "Set Company Information.",
            {"Company", tenant, story.company.tenant().name, absl::StrCat("Company_", tenant)},
            {{"StrongAuthenticationPolicy",
              ListOf(absl::StrCat("\"[Enabled: True, Rules: [], IpAddresses: ", address, "/32]\"")),
              ListOf("\"[Enabled: True, Rules: [], IpAddresses: ]\"")},
             {"Included Updated Properties", "StrongAuthenticationPolicy", ""}});
  directory("mfa_methods_cleared", "Update user.", UserTarget(puppet),
            {{"StrongAuthenticationMethod", "[]",
              ListOf("{\r\n    \"MethodType\": 6,\r\n    \"Default\": true\r\n  }")},
             {"Included Updated Properties", "StrongAuthenticationMethod", ""}});
  const std::string domain = absl::StrCat("login-", story.random.Below(1000), ".example");
  directory("domain_added", "Add unverified domain.",
            {"Domain", story.random.Guid(), domain, domain},
            {{"Name", ListOf(absl::StrCat("\"", domain, "\"")), "[]"}});
  const std::string stranger = story.random.Guid();
  directory("cross_tenant_access_changed", "Add a partner to cross-tenant access setting.",
            {"Policy", stranger, "Partner", stranger},
            {{"tenantId", absl::StrCat("\"", stranger, "\""), ""}});
  directory("partner_added", "Add partner to company.",
            {"Partner", stranger, "Cloud helpers", stranger}, {});
}

// A clerk sends customer data to an outsider by mail, and then removes the policy that detected the
// data.
void CustomerDataLeaves(StoryWriter& story) {
  story.Begin("Customer data leaves by mail", absl::Minutes(20));
  const Person& clerk = story.cast.Next();
  const std::string outside = absl::StrCat(clerk.alias, "@buyer.example.net");
  story.Add(story.write.SignIn(clerk, story.now(), clerk.address));
  AuditRecord some =
      story.write_security.DlpMatch(clerk, story.Advance(absl::Minutes(6)), "Medium", outside);
  story.AddWithAlert("dlp_rule_matched", std::move(some), clerk.upn, "");
  AuditRecord many =
      story.write_security.DlpMatch(clerk, story.Advance(absl::Minutes(7)), "High", outside);
  story.AddWithAlert("dlp_rule_matched_high", std::move(many), clerk.upn, "");
  AuditRecord alarm = story.write_security.Alert(story.Advance(absl::Minutes(2)),
                                                 "Creation of forwarding/redirect rule",
                                                 "Informational", "Active", clerk);
  story.AddWithAlert("vendor_alert_informational", std::move(alarm), "SecurityComplianceAlerts",
                     "");
  story.AddWithAlert("dlp_policy_removed",
                     story.write.ComplianceCmdlet(clerk, story.Advance(absl::Minutes(9)),
                                                  "Remove-DlpCompliancePolicy",
                                                  "-Identity \"Customer data\" -Confirm \"False\""),
                     clerk.upn, "");
}

}  // namespace

void WriteTenantStories(StoryWriter& story) {
  MailboxReadByStrangers(story);
  MailDefencesTakenDown(story);
  EverybodysMail(story);
  DoorsOpenedToTheOutside(story);
  MalwarePassedAround(story);
  ApplicationThatMayDoEverything(story);
  TrustGivenToAStranger(story);
  CustomerDataLeaves(story);
}

}  // namespace picket::simulator
