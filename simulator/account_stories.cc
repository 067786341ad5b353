#include "simulator/account_stories.h"

#include "absl/strings/str_cat.h"

namespace picket::simulator {
namespace {

// The attacker tries one password on many accounts. The password is wrong for ten accounts and
// right for another one. The attacker then reads mail, forwards invoices, hides the replies and
// downloads files.
void SprayThatFindsADoor(StoryWriter& story) {
  story.Begin("A password spray finds a door", absl::ZeroDuration());
  const std::string address = story.AttackerAddress(0);
  const Person& victim = story.cast.Next();
  // Ten different people fail to sign in within four and a half minutes, which is exactly the
  // threshold of the rule password_spray. The victim is not one of the ten.
  const size_t before = story.count();
  const std::vector<Person>& people = story.company.people();
  size_t next = story.random.Below(people.size());
  for (int tried = 0; tried < 10; ++next) {
    const Person& person = people[next % people.size()];
    if (story.cast.IsTaken(person)) continue;
    story.Add(story.write.FailedSignIn(person, story.Advance(absl::Seconds(27)), address));
    ++tried;
  }
  story.ExpectOneAlert("password_spray", before, "", address);
  story.Add(story.write.SignIn(victim, story.Advance(absl::Seconds(40)), address));
  for (int i = 0; i < 6; ++i) {
    story.Add(
        story.write.Mailbox(victim, story.Advance(absl::Minutes(1)), address, "MailItemsAccessed"));
  }
  const std::string outside =
      absl::StrCat(victim.alias, "@mailbox-", story.random.Below(1000), ".example.net");
  std::string object = absl::StrCat(victim.alias, "\\Invoices");
  story.AddWithAlert(
      "inbox_rule_forwards_outside",
      story.write.Cmdlet(victim, story.Advance(absl::Minutes(4)), address, "New-InboxRule", object,
                         {{"Name", "Invoices"},
                          {"BodyContainsWords", "Invoice;Payment"},
                          {"ForwardTo", outside},
                          {"StopProcessingRules", "False"}}),
      victim.upn, object);
  object = absl::StrCat(victim.alias, "\\..");
  story.AddWithAlert(
      {"inbox_rule_hides_mail", "inbox_rule_name_is_a_sign"},
      story.write.Cmdlet(victim, story.Advance(absl::Minutes(2)), address, "New-InboxRule", object,
                         {{"Name", ".."},
                          {"SubjectContainsWords", "invoice;payment;phishing"},
                          {"MoveToFolder", "RSS Feeds"},
                          {"MarkAsRead", "True"}}),
      victim.upn, object);
  story.Advance(absl::Minutes(8));
  // Fifty downloads in eight minutes are exactly the threshold of the rule mass_download.
  const size_t files = story.count();
  const Site site = story.company.OneDrive(victim);
  for (int i = 0; i < 50; ++i) {
    story.Add(story.write.File(victim, story.Advance(absl::Seconds(9)), address, "FileDownloaded",
                               site, story.frame.FileName()));
  }
  story.ExpectOneAlert("mass_download", files, victim.upn, "");
}

// An attacker guesses the password of one account with a dictionary. Ten attempts fail, and the
// eleventh succeeds.
void GuessedPassword(StoryWriter& story) {
  story.Begin("A guessed password", absl::Minutes(12));
  const std::string address = story.AttackerAddress(1);
  const Person& victim = story.cast.Next();
  const size_t before = story.count();
  for (int i = 0; i < 10; ++i) {
    story.Add(story.write.FailedSignIn(victim, story.Advance(absl::Seconds(50)), address));
  }
  story.ExpectOneAlert("password_guessing", before, victim.upn, "");
  story.Add(story.write.SignIn(victim, story.Advance(absl::Minutes(1)), address));
  story.AddWithAlert(
      "mailbox_forwarding_set",
      story.write.Cmdlet(
          victim, story.Advance(absl::Minutes(6)), address, "Set-Mailbox", victim.alias,
          {{"Identity", victim.upn},
           {"ForwardingSmtpAddress", absl::StrCat("smtp:", victim.alias, "@post.example.net")},
           {"DeliverToMailboxAndForward", "True"}}),
      victim.upn, victim.alias);
  const Site site = story.company.OneDrive(victim);
  const std::string file = story.frame.FileName();
  const std::string object = absl::StrCat(site.url, "Documents/", file);
  story.AddWithAlert(
      "anonymous_link_created",
      story.write.Sharing(
          victim, story.Advance(absl::Minutes(9)), address, "AnonymousLinkCreated", site, file,
          "<Type>View</Type><MembersCanShareApplied>False</MembersCanShareApplied>", ""),
      victim.upn, object);
  Person stranger = victim;
  stranger.upn = "anonymous";
  stranger.puid = "anonymous";
  story.AddWithAlert("anonymous_link_used",
                     story.write.Sharing(stranger, story.Advance(absl::Minutes(2)), address,
                                         "AnonymousLinkUsed", site, file, "<Type>View</Type>", ""),
                     stranger.upn, object);
}

// A user permits an application to read mail, because the application looks like a company tool.
void PhishedConsent(StoryWriter& story) {
  story.Begin("A consent given to the wrong application", absl::Minutes(25));
  const Person& victim = story.cast.Next();
  const std::string app_id = story.random.Guid();
  const std::string principal = story.random.Guid();
  story.Add(story.write.SignIn(victim, story.now(), victim.address));
  story.AddWithAlert(
      "oauth_consent_to_mail",
      story.write.Directory(
          victim, story.Advance(absl::Minutes(3)), "Consent to application.",
          {"ServicePrincipal", principal, "Document Viewer Plus", app_id},
          {{"ConsentContext.IsAdminConsent", "False", ""},
           {"ConsentContext.IsAppOnly", "False", ""},
           {"ConsentContext.OnBehalfOfAll", "False", ""},
           {"ConsentAction.Permissions",
            absl::StrCat("[] => [[Id: ", story.random.Hex(30), ", ClientId: ", principal,
                         ", PrincipalId: ", victim.object_id, ", ResourceId: ", story.random.Guid(),
                         ", ConsentType: Principal, Scope: offline_access "
                         "Mail.ReadWrite Files.Read.All User.Read]]; "),
            ""},
           {"TargetId.ServicePrincipalNames", app_id, ""}}),
      victim.upn, app_id);
}

// The attacker uses an administrator's session to disable a second factor, add roles and
// credentials for later use, copy mail and cover the traces.
void AdministratorTakenOver(StoryWriter& story) {
  story.Begin("An administrator taken over", absl::Minutes(8));
  const std::string address = story.AttackerAddress(2);
  const Person& administrator = story.cast.Next();
  const Person& puppet = story.cast.Next();
  const Person& target = story.cast.Next();
  story.Add(story.write.SignIn(administrator, story.now(), address));
  story.AddWithAlert(
      "mfa_disabled",
      story.write.Directory(
          administrator, story.Advance(absl::Minutes(4)), "Disable Strong Authentication.",
          UserTarget(puppet),
          {{"StrongAuthenticationRequirement", "[]", "[\r\n  {\r\n    \"State\": 1\r\n  }\r\n]"},
           {"Included Updated Properties", "StrongAuthenticationRequirement", ""}}),
      administrator.upn, puppet.upn);
  story.AddWithAlert(
      "privileged_role_granted",
      story.write.Directory(administrator, story.Advance(absl::Minutes(3)), "Add member to role.",
                            {"User", puppet.object_id, puppet.upn, puppet.upn},
                            {{"Role.ObjectID", story.random.Guid(), ""},
                             {"Role.DisplayName", "Global Administrator", ""},
                             {"Role.TemplateId", "62e90394-69f5-4237-9190-012177145e10", ""},
                             {"Role.WellKnownObjectName", "TenantAdmins", ""}}),
      administrator.upn, puppet.upn);
  const std::string application = story.random.Guid();
  const std::string application_object = absl::StrCat("Application_", application);
  story.AddWithAlert(
      "app_credential_added",
      story.write.Directory(
          administrator, story.Advance(absl::Minutes(7)),
          // The operation name has an en dash and a trailing blank, as in Microsoft's records.
          "Update application \u2013 Certificates and secrets management ",
          {"Application", application, "Backup connector", application_object},
          {{"KeyDescription",
            absl::StrCat("[\r\n  \"[KeyIdentifier=", story.random.Guid(),
                         ",KeyType=Password,KeyUsage=Verify,DisplayName=sync]\"\r\n]"),
            "[]"},
           {"Included Updated Properties", "KeyDescription", ""}}),
      administrator.upn, application_object);
  story.AddWithAlert("mailbox_full_access_granted",
                     story.write.Cmdlet(administrator, story.Advance(absl::Minutes(5)), address,
                                        "Add-MailboxPermission", target.alias,
                                        {{"Identity", target.upn},
                                         {"User", puppet.upn},
                                         {"AccessRights", "FullAccess"},
                                         {"InheritanceType", "All"}}),
                     administrator.upn, target.alias);
  story.AddWithAlert("transport_rule_copies_mail",
                     story.write.Cmdlet(administrator, story.Advance(absl::Minutes(6)), address,
                                        "New-TransportRule", "",
                                        {{"Name", "Journal"},
                                         {"Mode", "Enforce"},
                                         {"BlindCopyTo", "journal@archive.example.net"},
                                         {"SubjectOrBodyContainsWords", "offer;contract"},
                                         {"SetAuditSeverity", "DoNotAudit"}}),
                     administrator.upn, "");
  story.AddWithAlert("mailbox_audit_bypass",
                     story.write.Cmdlet(administrator, story.Advance(absl::Minutes(4)), address,
                                        "Set-MailboxAuditBypassAssociation", puppet.alias,
                                        {{"Identity", puppet.upn}, {"AuditBypassEnabled", "True"}}),
                     administrator.upn, puppet.alias);
  story.AddWithAlert(
      "antiphish_removed",
      story.write.Cmdlet(administrator, story.Advance(absl::Minutes(5)), address,
                         "Remove-AntiPhishPolicy", "Standard protection",
                         {{"Identity", "Standard protection"}, {"Confirm", "False"}}),
      administrator.upn, "Standard protection");
  const Site& site = story.company.sites()[0];
  story.AddWithAlert(
      "site_admin_added",
      story.write.SiteAdministrator(administrator, story.Advance(absl::Minutes(8)), address,
                                    "SiteCollectionAdminAdded", site, puppet),
      administrator.upn, site.url);
}

// The attacker makes the company's domain trust a foreign identity provider, and then turns
// auditing off.
void FederationBackDoor(StoryWriter& story) {
  story.Begin("A back door in the federation", absl::Minutes(55));
  const std::string address = story.AttackerAddress(3);
  const Person& administrator = story.cast.Next();
  const std::string& domain = story.company.tenant().domain;
  story.Add(story.write.SignIn(administrator, story.now(), address));
  story.AddWithAlert(
      "federation_changed",
      story.write.Directory(administrator, story.Advance(absl::Minutes(6)),
                            "Set domain authentication.",
                            {"Domain", story.random.Guid(), domain, domain},
                            {{"Name", absl::StrCat("[\r\n  \"", domain, "\"\r\n]"), "[]"},
                             {"LiveType", "[\r\n  \"Federated\"\r\n]", "[\r\n  \"Managed\"\r\n]"},
                             {"Included Updated Properties", "LiveType", ""}}),
      administrator.upn, domain);
  const std::string object = absl::StrCat(domain, "\\Admin Audit Log Settings");
  story.AddWithAlert("audit_log_disabled",
                     story.write.Cmdlet(administrator, story.Advance(absl::Minutes(9)), address,
                                        "Set-AdminAuditLogConfig", object,
                                        {{"UnifiedAuditLogIngestionEnabled", "False"}}),
                     administrator.upn, object);
}

// An employee who has given notice downloads the files that they worked on.
void LeaverWithTheFiles(StoryWriter& story) {
  story.Begin("A leaver takes the files", absl::Minutes(35));
  const Person& leaver = story.cast.Next();
  story.Add(story.write.SignIn(leaver, story.now(), leaver.address));
  const Site& site = story.random.Pick(story.company.sites());
  story.Advance(absl::Minutes(5));
  // The number of files is above the threshold of the rule mass_download. Each record becomes
  // available at most two minutes after its creation, so all records arrive close together.
  // Therefore, the rule raises exactly one alert, whatever the order of arrival.
  const size_t before = story.count();
  for (int i = 0; i < 64; ++i) {
    AuditRecord record = story.write.File(leaver, story.Advance(absl::Seconds(8)), leaver.address,
                                          i % 4 == 0 ? "FileSyncDownloadedFull" : "FileDownloaded",
                                          site, story.frame.FileName());
    story.Add(std::move(record), 2);
  }
  story.ExpectOneAlert("mass_download", before, leaver.upn, "");
  const std::string file = story.frame.FileName();
  const std::string object = absl::StrCat(site.url, "Shared Documents/", file);
  story.AddWithAlert("anonymous_link_created",
                     story.write.Sharing(leaver, story.Advance(absl::Minutes(3)), leaver.address,
                                         "AnonymousLinkCreated", site, file,
                                         "<Type>Edit</Type><MembersCanShareApplied>False"
                                         "</MembersCanShareApplied>",
                                         ""),
                     leaver.upn, object);
}

}  // namespace

void WriteAccountStories(StoryWriter& story) {
  SprayThatFindsADoor(story);
  GuessedPassword(story);
  PhishedConsent(story);
  AdministratorTakenOver(story);
  FederationBackDoor(story);
  LeaverWithTheFiles(story);
}

}  // namespace picket::simulator
