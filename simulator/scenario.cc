#include "simulator/scenario.h"

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket::simulator {
namespace {

struct Behaviour {
  std::string_view name;
  std::string_view rule_id;
  std::string_view level;
  std::string_view technique;
};

// The promise of the detection pack, written down a second time on purpose.
constexpr Behaviour kBehaviours[] = {
    {"inbox_rule_forwards_outside", "ffcf1345-d160-4057-849b-718cfbdf2a22", "high", "T1114.003"},
    {"mailbox_forwarding_set", "7781bdf2-cee1-4552-a6f8-1d5aad5ebfd6", "high", "T1114.003"},
    {"inbox_rule_hides_mail", "37216d25-6a6b-4dd0-a8b0-f09738c1f191", "high", "T1564.008"},
    {"mailbox_full_access_granted", "5c80344e-03a9-43ff-b37c-126a111ab64a", "medium", "T1098.002"},
    {"mailbox_audit_bypass", "772347bd-a5c3-41fb-9880-8bb8264fc4fb", "high", "T1562.008"},
    {"audit_log_disabled", "3c19913d-288f-4ec5-8b99-1336fc0c0624", "critical", "T1562.008"},
    {"antiphish_removed", "ec8be4b9-7bc2-4378-9ef5-ebd50a390e51", "high", "T1562.001"},
    {"oauth_consent_to_mail", "9ae34fd3-f638-48e6-aa41-fc67c977eb9b", "high", "T1528"},
    {"app_credential_added", "24c6f601-a126-459d-8fd2-b0fab77a80ec", "high", "T1098.001"},
    {"privileged_role_granted", "5d0347d7-3d1e-4986-b0d3-0a55e76fe379", "high", "T1098.003"},
    {"mfa_disabled", "1361f7e0-1d31-4953-9515-f08ec0da8059", "high", "T1556.006"},
    {"anonymous_link_created", "d58ec08f-5c4b-4a5b-9e73-bf7516399ff3", "medium", "T1567"},
    {"transport_rule_copies_mail", "0a91d70c-da9d-4aca-a08e-4fc0c41a9993", "high", "T1114.003"},
    {"federation_changed", "2ccd775c-21ac-4284-b466-f03192749bf9", "critical", "T1484.002"},
    {"site_admin_added", "50b0ac5b-34d8-43d9-aae6-bca6564435ef", "medium", "T1098"},
    {"password_spray", "c5cf094b-983c-44bf-a075-19ac2a1026fb", "high", "T1110.003"},
    {"password_guessing", "0c6a38a0-e520-4873-ad57-d0c9e055f447", "medium", "T1110.001"},
    {"mass_download", "a075ba19-ce32-4c20-88b3-8e9a11949bc0", "high", "T1530"},
};

const Behaviour& Find(std::string_view name) {
  for (const Behaviour& behaviour : kBehaviours) {
    if (behaviour.name == name) return behaviour;
  }
  PICKET_CHECK(false);
  return kBehaviours[0];
}

// Writes one story down: moves its own time forward, adds records, declares what they deserve.
class StoryTeller {
 public:
  StoryTeller(const Company& company, Cast& cast, const ScenarioOptions& options,
              std::string_view part, Happenings& out)
      : company(company),
        cast(cast),
        random(SeedFor(options.seed + static_cast<uint64_t>(options.campaign) * 7919, part)),
        write(company, random.Next()),
        options_(options),
        now_(options.start),
        out_(out) {}

  void Begin(std::string_view story, absl::Duration after) {
    story_ = story;
    now_ = options_.start + after * options_.scale;
  }
  absl::Time After(absl::Duration step) { return now_ += step * options_.scale; }
  absl::Time now() const { return now_; }

  // Handed out between one and `latest` minutes later.
  AuditRecord& Add(AuditRecord record, int latest = 25) {
    record.available +=
        absl::Seconds(random.Between(60, 60 * std::max(2, latest))) * options_.scale;
    out_.records.push_back(std::move(record));
    return out_.records.back();
  }
  // The record itself deserves an alert.
  void AddAlarming(std::string_view behaviour, AuditRecord record, std::string_view user,
                   std::string_view object) {
    const AuditRecord& added = Add(std::move(record));
    ExpectedAlert alert = Expected(behaviour);
    alert.user = user;
    alert.object = object;
    alert.first = alert.last = added.created;
    alert.record_ids.push_back(added.id);
    out_.expected.push_back(std::move(alert));
  }
  // The records from number `from` on deserve one alert together.
  void ExpectTogether(std::string_view behaviour, size_t from, std::string_view user,
                      std::string_view address) {
    ExpectedAlert alert = Expected(behaviour);
    alert.user = user;
    alert.address = address;
    alert.first = absl::InfiniteFuture();
    alert.last = absl::InfinitePast();
    for (size_t i = from; i < out_.records.size(); ++i) {
      alert.record_ids.push_back(out_.records[i].id);
      alert.first = std::min(alert.first, out_.records[i].created);
      alert.last = std::max(alert.last, out_.records[i].created);
    }
    out_.expected.push_back(std::move(alert));
  }
  size_t count() const { return out_.records.size(); }

  // Documentation addresses, another one for each story of each campaign.
  std::string AttackerAddress(int story) const {
    const int number = (options_.campaign * 8 + story) % 500;
    return number < 250 ? absl::StrCat("203.0.113.", number + 1)
                        : absl::StrCat("198.51.100.", number - 249);
  }

  const Company& company;
  Cast& cast;
  Random random;
  RecordWriter write;

 private:
  ExpectedAlert Expected(std::string_view name) const {
    const Behaviour& behaviour = Find(name);
    ExpectedAlert alert;
    alert.rule_id = behaviour.rule_id;
    alert.rule = behaviour.name;
    alert.level = behaviour.level;
    alert.technique = behaviour.technique;
    alert.story = story_;
    alert.tenant = company.tenant().id;
    return alert;
  }

  const ScenarioOptions& options_;
  absl::Time now_;
  std::string story_;
  Happenings& out_;
};

std::string ExchangeObject(const Person& person) { return person.alias; }

// One password is tried on ten people; one of them has it. The intruder reads mail, has invoices forwarded, hides the
// answers, and takes the files.
void SprayThatFindsADoor(StoryTeller& story) {
  story.Begin("A password spray finds a door", absl::ZeroDuration());
  const std::string address = story.AttackerAddress(0);
  const Person& victim = story.cast.Next();
  // Ten different people, the victim not among them: exactly what the behaviour needs, within four and a half minutes.
  const size_t before = story.count();
  const std::vector<Person>& people = story.company.people();
  size_t next = story.random.Below(people.size());
  for (int tried = 0; tried < 10; ++next) {
    const Person& person = people[next % people.size()];
    if (story.cast.IsTaken(person)) continue;
    story.Add(story.write.FailedSignIn(person, story.After(absl::Seconds(27)), address));
    ++tried;
  }
  story.ExpectTogether("password_spray", before, "", address);
  story.Add(story.write.SignIn(victim, story.After(absl::Seconds(40)), address));
  for (int i = 0; i < 6; ++i) {
    story.Add(
        story.write.Mailbox(victim, story.After(absl::Minutes(1)), address, "MailItemsAccessed"));
  }
  const std::string outside =
      absl::StrCat(victim.alias, "@mailbox-", story.random.Below(1000), ".example.net");
  std::string object = absl::StrCat(victim.alias, "\\Invoices");
  story.AddAlarming(
      "inbox_rule_forwards_outside",
      story.write.Cmdlet(victim, story.After(absl::Minutes(4)), address, "New-InboxRule", object,
                         {{"Name", "Invoices"},
                          {"BodyContainsWords", "Invoice;Payment"},
                          {"ForwardTo", outside},
                          {"StopProcessingRules", "False"}}),
      victim.upn, object);
  object = absl::StrCat(victim.alias, "\\..");
  story.AddAlarming(
      "inbox_rule_hides_mail",
      story.write.Cmdlet(victim, story.After(absl::Minutes(2)), address, "New-InboxRule", object,
                         {{"Name", ".."},
                          {"SubjectContainsWords", "invoice;payment;phishing"},
                          {"MoveToFolder", "RSS Feeds"},
                          {"MarkAsRead", "True"}}),
      victim.upn, object);
  story.After(absl::Minutes(8));
  // Fifty files in eight minutes: exactly what the behaviour needs.
  const size_t files = story.count();
  const Site site = story.company.OneDrive(victim);
  for (int i = 0; i < 50; ++i) {
    story.Add(story.write.File(victim, story.After(absl::Seconds(9)), address, "FileDownloaded",
                               site, story.write.FileName()));
  }
  story.ExpectTogether("mass_download", files, victim.upn, "");
}

// A dictionary on one account: the tenth try fails too, the eleventh opens it.
void GuessedPassword(StoryTeller& story) {
  story.Begin("A guessed password", absl::Minutes(12));
  const std::string address = story.AttackerAddress(1);
  const Person& victim = story.cast.Next();
  const size_t before = story.count();
  for (int i = 0; i < 10; ++i) {
    story.Add(story.write.FailedSignIn(victim, story.After(absl::Seconds(50)), address));
  }
  story.ExpectTogether("password_guessing", before, victim.upn, "");
  story.Add(story.write.SignIn(victim, story.After(absl::Minutes(1)), address));
  story.AddAlarming(
      "mailbox_forwarding_set",
      story.write.Cmdlet(
          victim, story.After(absl::Minutes(6)), address, "Set-Mailbox", ExchangeObject(victim),
          {{"Identity", victim.upn},
           {"ForwardingSmtpAddress", absl::StrCat("smtp:", victim.alias, "@post.example.net")},
           {"DeliverToMailboxAndForward", "True"}}),
      victim.upn, ExchangeObject(victim));
  const Site site = story.company.OneDrive(victim);
  const std::string file = story.write.FileName();
  const std::string object = absl::StrCat(site.url, "Documents/", file);
  story.AddAlarming(
      "anonymous_link_created",
      story.write.Sharing(
          victim, story.After(absl::Minutes(9)), address, "AnonymousLinkCreated", site, file,
          "<Type>View</Type><MembersCanShareApplied>False</MembersCanShareApplied>", ""),
      victim.upn, object);
}

// A user lets an application read the mail that only looks like a tool of the company.
void PhishedConsent(StoryTeller& story) {
  story.Begin("A consent given to the wrong application", absl::Minutes(25));
  const Person& victim = story.cast.Next();
  const std::string app_id = story.random.Guid();
  const std::string principal = story.random.Guid();
  story.Add(story.write.SignIn(victim, story.now(), victim.address));
  story.AddAlarming(
      "oauth_consent_to_mail",
      story.write.Directory(
          victim, story.After(absl::Minutes(3)), "Consent to application.",
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

// An administrator's session in wrong hands: second factor off, roles and keys for later, mail copied, traces covered.
void AdministratorTakenOver(StoryTeller& story) {
  story.Begin("An administrator taken over", absl::Minutes(8));
  const std::string address = story.AttackerAddress(2);
  const Person& administrator = story.cast.Next();
  const Person& puppet = story.cast.Next();
  const Person& target = story.cast.Next();
  story.Add(story.write.SignIn(administrator, story.now(), address));
  story.AddAlarming(
      "mfa_disabled",
      story.write.Directory(
          administrator, story.After(absl::Minutes(4)), "Disable Strong Authentication.",
          UserTarget(puppet),
          {{"StrongAuthenticationRequirement", "[]", "[\r\n  {\r\n    \"State\": 1\r\n  }\r\n]"},
           {"Included Updated Properties", "StrongAuthenticationRequirement", ""}}),
      administrator.upn, puppet.upn);
  story.AddAlarming(
      "privileged_role_granted",
      story.write.Directory(administrator, story.After(absl::Minutes(3)), "Add member to role.",
                            {"User", puppet.object_id, puppet.upn, puppet.upn},
                            {{"Role.ObjectID", story.random.Guid(), ""},
                             {"Role.DisplayName", "Global Administrator", ""},
                             {"Role.TemplateId", "62e90394-69f5-4237-9190-012177145e10", ""},
                             {"Role.WellKnownObjectName", "TenantAdmins", ""}}),
      administrator.upn, puppet.upn);
  const std::string application = story.random.Guid();
  const std::string application_object = absl::StrCat("Application_", application);
  story.AddAlarming(
      "app_credential_added",
      story.write.Directory(
          administrator, story.After(absl::Minutes(7)),
          // With an en dash and a blank at its end, as the service writes it.
          "Update application \u2013 Certificates and secrets management ",
          {"Application", application, "Backup connector", application_object},
          {{"KeyDescription",
            absl::StrCat("[\r\n  \"[KeyIdentifier=", story.random.Guid(),
                         ",KeyType=Password,KeyUsage=Verify,DisplayName=sync]\"\r\n]"),
            "[]"},
           {"Included Updated Properties", "KeyDescription", ""}}),
      administrator.upn, application_object);
  story.AddAlarming("mailbox_full_access_granted",
                    story.write.Cmdlet(administrator, story.After(absl::Minutes(5)), address,
                                       "Add-MailboxPermission", ExchangeObject(target),
                                       {{"Identity", target.upn},
                                        {"User", puppet.upn},
                                        {"AccessRights", "FullAccess"},
                                        {"InheritanceType", "All"}}),
                    administrator.upn, ExchangeObject(target));
  story.AddAlarming("transport_rule_copies_mail",
                    story.write.Cmdlet(administrator, story.After(absl::Minutes(6)), address,
                                       "New-TransportRule", "",
                                       {{"Name", "Journal"},
                                        {"Mode", "Enforce"},
                                        {"BlindCopyTo", "journal@archive.example.net"},
                                        {"SubjectOrBodyContainsWords", "offer;contract"},
                                        {"SetAuditSeverity", "DoNotAudit"}}),
                    administrator.upn, "");
  story.AddAlarming("mailbox_audit_bypass",
                    story.write.Cmdlet(administrator, story.After(absl::Minutes(4)), address,
                                       "Set-MailboxAuditBypassAssociation", ExchangeObject(puppet),
                                       {{"Identity", puppet.upn}, {"AuditBypassEnabled", "True"}}),
                    administrator.upn, ExchangeObject(puppet));
  story.AddAlarming("antiphish_removed",
                    story.write.Cmdlet(administrator, story.After(absl::Minutes(5)), address,
                                       "Remove-AntiPhishPolicy", "Standard protection",
                                       {{"Identity", "Standard protection"}, {"Confirm", "False"}}),
                    administrator.upn, "Standard protection");
  const Site& site = story.company.sites()[0];
  story.AddAlarming(
      "site_admin_added",
      story.write.SiteAdministrator(administrator, story.After(absl::Minutes(8)), address,
                                    "SiteCollectionAdminAdded", site, puppet),
      administrator.upn, site.url);
}

// A back door for later: the company's domain trusts a foreign identity provider, then the log goes silent.
void FederationBackDoor(StoryTeller& story) {
  story.Begin("A back door in the federation", absl::Minutes(55));
  const std::string address = story.AttackerAddress(3);
  const Person& administrator = story.cast.Next();
  const std::string& domain = story.company.tenant().domain;
  story.Add(story.write.SignIn(administrator, story.now(), address));
  story.AddAlarming("federation_changed",
                    story.write.Directory(
                        administrator, story.After(absl::Minutes(6)), "Set domain authentication.",
                        {"Domain", story.random.Guid(), domain, domain},
                        {{"Name", absl::StrCat("[\r\n  \"", domain, "\"\r\n]"), "[]"},
                         {"LiveType", "[\r\n  \"Federated\"\r\n]", "[\r\n  \"Managed\"\r\n]"},
                         {"Included Updated Properties", "LiveType", ""}}),
                    administrator.upn, domain);
  const std::string object = absl::StrCat(domain, "\\Admin Audit Log Settings");
  story.AddAlarming("audit_log_disabled",
                    story.write.Cmdlet(administrator, story.After(absl::Minutes(9)), address,
                                       "Set-AdminAuditLogConfig", object,
                                       {{"UnifiedAuditLogIngestionEnabled", "False"}}),
                    administrator.upn, object);
}

// Somebody who gave notice takes along what they worked on.
void LeaverWithTheFiles(StoryTeller& story) {
  story.Begin("A leaver takes the files", absl::Minutes(35));
  const Person& leaver = story.cast.Next();
  story.Add(story.write.SignIn(leaver, story.now(), leaver.address));
  const Site& site = story.random.Pick(story.company.sites());
  story.After(absl::Minutes(5));
  // More than the behaviour needs, all as late as each other: the episode is one, whichever record arrives first.
  const size_t before = story.count();
  for (int i = 0; i < 64; ++i) {
    AuditRecord record = story.write.File(leaver, story.After(absl::Seconds(8)), leaver.address,
                                          i % 4 == 0 ? "FileSyncDownloadedFull" : "FileDownloaded",
                                          site, story.write.FileName());
    story.Add(std::move(record), 2);
  }
  story.ExpectTogether("mass_download", before, leaver.upn, "");
  const std::string file = story.write.FileName();
  const std::string object = absl::StrCat(site.url, "Shared Documents/", file);
  story.AddAlarming("anonymous_link_created",
                    story.write.Sharing(leaver, story.After(absl::Minutes(3)), leaver.address,
                                        "AnonymousLinkCreated", site, file,
                                        "<Type>Edit</Type><MembersCanShareApplied>False"
                                        "</MembersCanShareApplied>",
                                        ""),
                    leaver.upn, object);
}

}  // namespace

Cast::Cast(const Company& company, size_t parts, size_t first) : company_(company), next_(first) {
  for (size_t i = 0; i < Company::kAdministrators; ++i) taken_.insert(company.people()[i].upn);
  for (size_t i = 0; i < parts; ++i) taken_.insert(Part(first + i).upn);
}

const Person& Cast::Part(size_t number) const {
  const size_t players = company_.people().size() - Company::kAdministrators;
  return company_.people()[Company::kAdministrators + number % players];
}

const Person& Cast::Next() {
  const Person& person = Part(next_++);
  PICKET_CHECK(taken_.contains(person.upn));  // set aside by the constructor
  return person;
}

Happenings TellAttacks(const Company& company, Cast& cast, const ScenarioOptions& options) {
  Happenings happenings;
  StoryTeller story(company, cast, options, "attacks", happenings);
  SprayThatFindsADoor(story);
  GuessedPassword(story);
  PhishedConsent(story);
  AdministratorTakenOver(story);
  FederationBackDoor(story);
  LeaverWithTheFiles(story);
  return happenings;
}

Happenings TellNearMisses(const Company& company, Cast& cast, const ScenarioOptions& options) {
  Happenings happenings;
  StoryTeller story(company, cast, options, "near misses", happenings);
  story.Begin("Before a journey, thirty files for the train", absl::ZeroDuration());
  const Person& traveller = cast.Next();
  const Site& site = story.random.Pick(company.sites());
  for (int i = 0; i < 30; ++i) {
    story.Add(story.write.File(traveller, story.After(absl::Seconds(17)), company.office_address(),
                               "FileDownloaded", site, story.write.FileName()));
  }
  story.Begin("A new password, remembered at the seventh try", absl::Minutes(20));
  const Person& forgetful = cast.Next();
  for (int i = 0; i < 6; ++i) {
    story.Add(
        story.write.FailedSignIn(forgetful, story.After(absl::Seconds(45)), forgetful.address));
  }
  story.Add(story.write.SignIn(forgetful, story.After(absl::Seconds(50)), forgetful.address));
  story.Begin("A terminal whose keyboard is set wrong", absl::Minutes(40));
  size_t next = story.random.Below(company.people().size());
  for (int tried = 0; tried < 6; ++next) {
    const Person& person = company.people()[next % company.people().size()];
    if (cast.IsTaken(person)) continue;
    story.Add(
        story.write.FailedSignIn(person, story.After(absl::Seconds(40)), company.kiosk_address()));
    ++tried;
  }
  return happenings;
}

std::string ExpectationsJson(const std::vector<ExpectedAlert>& expected) {
  std::string text = "[";
  const auto time_text = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  };
  for (const ExpectedAlert& alert : expected) {
    text += text.size() == 1 ? "\n" : ",\n";
    JsonWriter json(&text);
    json.BeginObject().Key("rule_id").Value(alert.rule_id).Key("rule").Value(alert.rule);
    json.Key("level").Value(alert.level).Key("technique").Value(alert.technique);
    json.Key("story").Value(alert.story).Key("tenant").Value(alert.tenant);
    json.Key("user").Value(alert.user).Key("address").Value(alert.address);
    json.Key("object").Value(alert.object).Key("first").Value(time_text(alert.first));
    json.Key("last").Value(time_text(alert.last)).Key("record_ids").BeginArray();
    for (const std::string& id : alert.record_ids) json.Value(id);
    json.EndArray().EndObject();
  }
  return text + "\n]\n";
}

}  // namespace picket::simulator
