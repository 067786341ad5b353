#include "simulator/workday.h"

#include <algorithm>
#include <deque>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "simulator/company.h"
#include "simulator/record_writer.h"
#include "simulator/security_record_writer.h"

namespace picket::simulator {
namespace {

constexpr absl::Duration kBoundWindow = absl::Minutes(10);
constexpr size_t kDownloadLimit = 15;
constexpr size_t kFailureLimit = 3;
constexpr size_t kFailingUserLimit = 4;

// Decides whether ordinary work may contain another download or failed sign-in. Keeps ordinary work
// below the thresholds of the detection pack. The times passed to this class must not decrease.
// Threads: One thread uses an instance.
class Bounds {
 public:
  bool MayDownload(const Person& person, absl::Time time) {
    return Admit(downloads_[person.upn], time, kDownloadLimit);
  }
  bool MayFail(const Person& person, std::string_view address, absl::Time time) {
    std::deque<std::pair<absl::Time, const Person*>>& failing = failing_[std::string(address)];
    while (!failing.empty() && failing.front().first < time - kBoundWindow) failing.pop_front();
    const bool known = std::any_of(failing.begin(), failing.end(),
                                   [&](const auto& entry) { return entry.second == &person; });
    if (!known && failing.size() >= kFailingUserLimit) return false;
    if (!Admit(failures_[person.upn], time, kFailureLimit)) return false;
    failing.emplace_back(time, &person);
    return true;
  }

 private:
  static bool Admit(std::deque<absl::Time>& times, absl::Time time, size_t most) {
    while (!times.empty() && times.front() < time - kBoundWindow) times.pop_front();
    if (times.size() >= most) return false;
    times.push_back(time);
    return true;
  }

  StringMap<std::deque<absl::Time>> downloads_;
  StringMap<std::deque<absl::Time>> failures_;
  StringMap<std::deque<std::pair<absl::Time, const Person*>>> failing_;
};

// The actions of ordinary work. kActs defines how many of ten thousand records each action
// produces.
enum class Act {
  kFile,
  kDownload,
  kPage,
  kShare,
  kMailRead,
  kMailSend,
  kMailOther,
  kSignIn,
  kFailedSignIn,
  kTeams,
  kCopilot,
  kSearch,
  kAdminister,
  kProtect,
};
struct WeightedAct {
  Act act;
  int weight;
};
constexpr WeightedAct kActs[] = {
    {Act::kFile, 3100},        {Act::kDownload, 350}, {Act::kPage, 600},      {Act::kShare, 150},
    {Act::kMailRead, 1500},    {Act::kMailSend, 550}, {Act::kMailOther, 450}, {Act::kSignIn, 1850},
    {Act::kFailedSignIn, 150}, {Act::kTeams, 600},    {Act::kCopilot, 50},    {Act::kSearch, 50},
    {Act::kAdminister, 350},   {Act::kProtect, 250},
};

constexpr std::string_view kFileOperations[] = {
    "FileAccessed",  "FileAccessed",         "FileAccessed",
    "FileModified",  "FileModified",         "FilePreviewed",
    "FileUploaded",  "FileSyncUploadedFull", "FileRenamed",
    "FileMoved",     "FileDeleted",          "FileRecycled",
    "FolderCreated", "FileModifiedExtended", "FileAccessedExtended",
    "FileCheckedOut"};
constexpr std::string_view kMailOperations[] = {"Create",     "Update",     "MoveToDeletedItems",
                                                "SoftDelete", "HardDelete", "Move"};
constexpr std::string_view kTeamsOperations[] = {"TeamsSessionStarted", "TeamsSessionStarted",
                                                 "MessageSent",         "ChatCreated",
                                                 "MeetingDetail",       "MemberAdded"};

class OrdinaryWork {
 public:
  OrdinaryWork(const Company& company, const Cast& cast, const WorkdayOptions& options)
      : company_(company),
        cast_(cast),
        options_(options),
        random_(SeedFor(options.seed,
                        absl::StrCat("work ", company.tenant().id, " ", options.first_campaign))),
        frame_(company, random_.Next()) {}

  void Write(int64_t count, std::vector<AuditRecord>& out) {
    std::vector<absl::Time> times;
    times.reserve(count);
    for (int64_t i = 0; i < count; ++i) times.push_back(TimeOfDay());
    std::sort(times.begin(), times.end());
    for (const absl::Time time : times) {
      AuditRecord record = Next(time);
      record.available += Delay();
      out.push_back(std::move(record));
    }
  }

 private:
  // Returns a time within the day. Times at the beginning and the end of the day are less likely
  // than times in between.
  absl::Time TimeOfDay() {
    const double share = 0.25 * random_.Share() + 0.75 * (random_.Share() + random_.Share()) / 2;
    return options_.end - options_.length * (1 - share);
  }

  absl::Duration Delay() {
    const double minutes = random_.Share();
    return options_.usual_delay * (random_.Chance(0.03) ? 1 + 8 * minutes : 0.05 + 0.95 * minutes);
  }

  const Person& Anybody() { return random_.Pick(company_.people()); }
  const Person& Administrator() {
    return company_.people()[random_.Below(Company::kAdministrators)];
  }
  std::string_view Where(const Person& person) {
    return random_.Chance(0.6) ? std::string_view(company_.office_address()) : person.address;
  }
  Site Somewhere(const Person& person) {
    return random_.Chance(0.5) ? company_.OneDrive(person) : random_.Pick(company_.sites());
  }

  AuditRecord Next(absl::Time time) {
    int at = static_cast<int>(random_.Below(10'000));
    Act act = Act::kFile;
    for (const WeightedAct& choice : kActs) {
      act = choice.act;
      at -= choice.weight;
      if (at < 0) break;
    }
    const Person& person = Anybody();
    const std::string_view where = Where(person);
    switch (act) {
      case Act::kDownload:
        if (!cast_.IsTaken(person) && bounds_.MayDownload(person, time)) {
          return write_.File(person, time, where,
                             random_.Chance(0.7) ? "FileDownloaded" : "FileSyncDownloadedFull",
                             Somewhere(person), frame_.FileName());
        }
        [[fallthrough]];
      case Act::kFile:
        return write_.File(person, time, where, random_.Pick(kFileOperations), Somewhere(person),
                           frame_.FileName());
      case Act::kPage:
        return write_.PageViewed(person, time, where, random_.Pick(company_.sites()));
      case Act::kShare:
        return Share(person, time, where);
      case Act::kMailRead:
        return write_.Mailbox(person, time, where, "MailItemsAccessed");
      case Act::kMailSend:
        return write_.Mailbox(person, time, where, "Send");
      case Act::kMailOther:
        return write_.Mailbox(person, time, where, random_.Pick(kMailOperations));
      case Act::kFailedSignIn:
        if (!cast_.IsTaken(person) && bounds_.MayFail(person, where, time)) {
          return FailedSignIn(person, time, where);
        }
        [[fallthrough]];
      case Act::kSignIn:
        return write_.SignIn(person, time, where);
      case Act::kTeams:
        return write_.Teams(person, time, where, random_.Pick(kTeamsOperations));
      case Act::kCopilot:
        return write_.Copilot(person, time, where);
      case Act::kSearch:
        return write_security_.Search(person, time, where, frame_.FileName());
      case Act::kAdminister:
        return Administer(person, time);
      case Act::kProtect:
        return Protect(person, time);
    }
    return write_.SignIn(person, time, where);
  }

  AuditRecord FailedSignIn(const Person& person, absl::Time time, std::string_view where) {
    switch (random_.Below(6)) {
      case 0:
        return write_.FailedSignIn(person, time, where, "50140", "KmsiInterrupt");
      case 1:
        return write_.FailedSignIn(person, time, where, "50058", "UserInformationNotProvided");
      case 2:
        return write_.FailedSignIn(person, time, where, "50055", "InvalidPasswordExpiredPassword");
      default:
        return write_.FailedSignIn(person, time, where);
    }
  }

  AuditRecord Share(const Person& person, absl::Time time, std::string_view where) {
    const Site site = Somewhere(person);
    const std::string file = frame_.FileName();
    switch (random_.Below(3)) {
      case 0:
        return write_.Sharing(person, time, where, "SharingSet", site, file,
                              "<Permissions granted>Contribute</Permissions granted>",
                              Anybody().upn);
      case 1:
        return write_.Sharing(person, time, where, "SecureLinkCreated", site, file,
                              "<Type>View</Type>", "");
      default:
        return write_.Sharing(person, time, where, "CompanyLinkCreated", site, file,
                              "<Type>Edit</Type>", "");
    }
  }

  // Writes a record of an administrator's daily work or of a user's settings. The records are
  // harmless forms of the operations that attacks use.
  AuditRecord Administer(const Person& person, absl::Time time) {
    const Person& administrator = Administrator();
    const std::string& address = company_.office_address();
    const std::string& domain = company_.tenant().domain;
    switch (random_.Below(24)) {
      case 0:
        return write_.Cmdlet(person, time, Where(person), "New-InboxRule",
                             absl::StrCat(person.alias, "\\Newsletters"),
                             {{"Name", "Newsletters"},
                              {"From", "news@press.example.org"},
                              {"MoveToFolder", "Newsletters"},
                              {"StopProcessingRules", "True"}});
      case 1:
        return write_.Cmdlet(person, time, Where(person), "Set-InboxRule",
                             absl::StrCat(person.alias, "\\Projects"),
                             {{"Identity", absl::StrCat(person.alias, "\\Projects")},
                              {"SubjectContainsWords", "project"},
                              {"MoveToFolder", "Projects"}});
      case 2:
        return write_.Cmdlet(administrator, time, address, "Set-Mailbox", person.alias,
                             {{"Identity", person.upn},
                              {"LitigationHoldEnabled", "True"},
                              {"AuditEnabled", "True"}});
      case 3:
        return write_.Cmdlet(person, time, Where(person), "Add-MailboxFolderPermission",
                             absl::StrCat(person.alias, ":\\Calendar"),
                             {{"Identity", absl::StrCat(person.upn, ":\\Calendar")},
                              {"User", Anybody().upn},
                              {"AccessRights", "Reviewer"}});
      case 4:
        return write_.Cmdlet(administrator, time, address, "Add-MailboxPermission", person.alias,
                             {{"Identity", person.upn},
                              {"User", Anybody().upn},
                              {"AccessRights", "ReadPermission"}});
      case 5:
        return write_.Cmdlet(administrator, time, address, "Set-User", person.alias,
                             {{"Identity", person.upn}, {"Office", "2.14"}});
      case 6:
        return write_.SystemCmdlet(time, "Set-AdminAuditLogConfig",
                                   absl::StrCat(domain, "\\Admin Audit Log Settings"),
                                   {{"DomainController", ""},
                                    {"IgnoreDehydratedFlag", "True"},
                                    {"AdminAuditLogEnabled", "True"}});
      case 7:
        return write_.SystemCmdlet(
            time, "Set-TransportConfig", absl::StrCat(domain, "\\Transport Settings"),
            {{"DomainController", ""}, {"Identity", domain}, {"HygieneSuite", "Premium"}});
      case 8:
        return write_.Cmdlet(administrator, time, address, "Set-MailboxAuditBypassAssociation",
                             person.alias,
                             {{"Identity", person.upn}, {"AuditBypassEnabled", "False"}});
      case 9:
        return write_.Cmdlet(
            administrator, time, address, "Set-TransportRule", "Disclaimer",
            {{"Identity", "Disclaimer"}, {"ApplyHtmlDisclaimerText", "<p>Confidential.</p>"}});
      case 10:
        return write_.Cmdlet(administrator, time, address, "Set-AntiPhishPolicy",
                             "Standard protection",
                             {{"Identity", "Standard protection"}, {"PhishThresholdLevel", "3"}});
      case 11:
        return write_.Directory(person, time, "Update user.", UserTarget(person),
                                {{"MobilePhone", "[\r\n  \"+49 30 901820\"\r\n]", "[]"},
                                 {"Included Updated Properties", "MobilePhone", ""}});
      case 12:
        return write_.Directory(administrator, time, "Add member to group.", UserTarget(person),
                                {{"Group.ObjectID", random_.Pick(company_.sites()).list_id, ""},
                                 {"Group.DisplayName", random_.Pick(company_.sites()).name, ""},
                                 {"Group.WellKnownObjectName", "", ""}});
      case 13:
        return write_.Directory(administrator, time, "Reset user password.", UserTarget(person),
                                {{"Action Client Name", "DirectorySync", ""}});
      case 14:
        return write_.Directory(person, time, "Change user password.", UserTarget(person), {});
      case 15:
        return write_.Directory(person, time, "Enable Strong Authentication.", UserTarget(person),
                                {{"StrongAuthenticationRequirement",
                                  "[\r\n  {\r\n    \"State\": 1\r\n  }\r\n]", "[]"}});
      case 16:
        return write_.Directory(administrator, time, "Add member to role.", UserTarget(person),
                                {{"Role.ObjectID", random_.Guid(), ""},
                                 {"Role.DisplayName", "Reports Reader", ""},
                                 {"Role.TemplateId", "4a5d8f65-41da-4de4-8968-e035b65339cf", ""},
                                 {"Role.WellKnownObjectName", "ReportsReader", ""}});
      case 17: {
        const std::string app_id = random_.Guid();
        const std::string principal = random_.Guid();
        return write_.Directory(
            person, time, "Consent to application.",
            {"ServicePrincipal", principal, "Room booking", app_id},
            {{"ConsentContext.IsAdminConsent", "False", ""},
             {"ConsentAction.Permissions",
              absl::StrCat("[] => [[Id: ", random_.Hex(30), ", ClientId: ", principal,
                           ", PrincipalId: ", person.object_id,
                           ", ConsentType: Principal, Scope: User.Read openid]]; "),
              ""},
             {"TargetId.ServicePrincipalNames", app_id, ""}});
      }
      case 18: {
        const std::string application = random_.Guid();
        return write_.Directory(
            administrator, time, "Update application.",
            {"Application", application, "Intranet", absl::StrCat("Application_", application)},
            {{"AppAddress", "[\r\n  \"https://intranet.example.org/\"\r\n]", "[]"}});
      }
      case 19: {
        const std::string device = random_.Guid();
        return write_.Directory(person, time, "Add device.",
                                {"Device", device, absl::StrCat("LAPTOP-", random_.Hex(6)),
                                 absl::StrCat("Device_", device)},
                                {{"DeviceOSType", "[\r\n  \"Windows\"\r\n]", "[]"}});
      }
      case 20:
        return write_.SiteAdministrator(administrator, time, address, "SiteCollectionAdminRemoved",
                                        random_.Pick(company_.sites()), person);
      case 21:
        return write_.ComplianceCmdlet(administrator, time, "Get-DlpCompliancePolicy",
                                       "-Identity \"Default policy\"");
      case 22:
        return write_.ComplianceCmdlet(administrator, time, "Get-RetentionCompliancePolicy", "");
      default:
        return write_.Teams(person, time, Where(person), "MemberAdded");
    }
  }

  // Writes a record of a harmless action that closely resembles an act of the stories in
  // tenant_stories.h. The action is of one of three kinds. It is the same operation with a harmless
  // value, or the opposite operation (such as turning a protection on), or an action of Microsoft's
  // own services.
  AuditRecord Protect(const Person& person, absl::Time time) {
    const Person& administrator = Administrator();
    const std::string& address = company_.office_address();
    const std::string& domain = company_.tenant().domain;
    const Site& site = random_.Pick(company_.sites());
    const auto policy = [&](std::string_view name) {
      const std::string id = random_.Guid();
      return DirectoryTarget{"Policy", id, std::string(name), absl::StrCat("Policy_", id)};
    };
    switch (random_.Below(36)) {
      case 0:
        return write_.Cmdlet(person, time, Where(person), "New-InboxRule",
                             absl::StrCat(person.alias, "\\Holiday"),
                             {{"Name", "Holiday"}, {"ForwardTo", Anybody().name}});
      case 1:
        return write_security_.OutlookRule(person, time, Where(person), "Projects",
                                           "[{\"ActionType\":\"Move\",\"Folder\":\"Projects\"}]");
      case 2:
        return write_.Cmdlet(administrator, time, address, "Set-Mailbox", person.alias,
                             {{"Identity", person.upn},
                              {"ForwardingSmtpAddress", ""},
                              {"ForwardingAddress", ""},
                              {"DeliverToMailboxAndForward", "False"}});
      case 3:
        return write_.Cmdlet(person, time, Where(person), "Set-MailboxFolderPermission",
                             absl::StrCat(person.alias, ":\\Calendar"),
                             {{"Identity", absl::StrCat(person.upn, ":\\Calendar")},
                              {"User", "Default"},
                              {"AccessRights", "LimitedDetails"}});
      case 4:
        return write_security_.FolderPermissions(person, time, "Calendar", "Everyone", "None");
      case 5:
        return write_.Cmdlet(administrator, time, address, "Remove-RecipientPermission",
                             person.alias, {{"Identity", person.upn}, {"AccessRights", "SendAs"}});
      case 6:
        return write_.Cmdlet(
            administrator, time, address, "New-ManagementRoleAssignment", "Reports",
            {{"Name", "Reports"}, {"Role", "View-Only Recipients"}, {"User", person.upn}});
      case 7:
        return write_.Cmdlet(administrator, time, address, "Add-RoleGroupMember", "Help Desk",
                             {{"Identity", "Help Desk"}, {"Member", person.upn}});
      case 8:
        return write_.Directory(
            administrator, time, "Change user license.", UserTarget(person),
            {{"AssignedLicense",
              "[\r\n  \"[SkuName=ENTERPRISEPREMIUM, DisabledPlans=[YAMMER_ENTERPRISE]]\"\r\n]",
              "[\r\n  \"[SkuName=ENTERPRISEPREMIUM, DisabledPlans=[]]\"\r\n]"}});
      case 9:
        return write_.Cmdlet(administrator, time, address, "Enable-SafeLinksRule",
                             "Standard protection", {{"Identity", "Standard protection"}});
      case 10:
        return write_.Cmdlet(administrator, time, address, "Set-DkimSigningConfig", domain,
                             {{"Identity", domain}, {"Enabled", "True"}});
      case 11:
        return write_.ComplianceCmdlet(administrator, time, "Set-DlpCompliancePolicy",
                                       "-Identity \"Customer data\" -Mode \"Enable\"");
      case 12:
        return write_security_.Quarantine(administrator, time, "QuarantinePreview", person);
      case 13:
        return write_security_.Quarantine(person, time, "QuarantineReleaseRequest", person);
      case 14:
        return write_security_.Discovery(administrator, time, address, "SearchPreviewed",
                                         "Review 3", "contract");
      case 15:
        return write_.Mailbox(person, time, Where(person), "Move",
                              "Your security info was changed");
      case 16:
        return write_security_.SharingPolicy(administrator, time, address, site,
                                             {"ShareUsingAnonymousLinks", "Disabled", "Enabled"});
      case 17: {
        // SharePoint itself changes the policy for a new team.
        Person service = administrator;
        service.upn = "Microsoft\\ServiceOperator";
        return write_security_.SharingPolicy(service, time, "", site,
                                             {"ShareWithGuests", "Enabled", "Disabled"});
      }
      case 18:
        return write_security_.PermissionLevel(person, time, Where(person), site, "Restricted View",
                                               "ViewListItems, ViewPages, Open");
      case 19:
        return write_.Sharing(person, time, Where(person), "AddedToSecureLink", site,
                              frame_.FileName(), "<Type>View</Type>", Anybody().upn);
      case 20:
        return write_security_.TeamsCmdlet(
            administrator, time, "Set-CsTenantFederationConfiguration",
            {{"Identity", "Global"}, {"AllowTeamsConsumer", "False"}});
      case 21:
        return write_security_.TeamsCmdlet(administrator, time, "Set-CsTeamsClientConfiguration",
                                           {{"Identity", "Global"}, {"AllowBox", "False"}});
      case 22:
        return write_security_.TeamsSetting(administrator, time,
                                            {"Allow email into channel", "True", "False"});
      case 23:
        return write_security_.ForeignChat(
            absl::StrCat("sales@supplier-", random_.Below(20), ".example.org"), "Sales", time,
            person);
      case 24:
        return write_.Directory(administrator, time, "Update authorization policy.",
                                policy("Authorization Policy"),
                                {{"AllowInvitesFrom", "[\r\n  \"adminsAndGuestInviters\"\r\n]",
                                  "[\r\n  \"everyone\"\r\n]"}});
      case 25:
        return write_.Directory(administrator, time, "Add conditional access policy.",
                                policy("Second factor for all"),
                                {{"ConditionalAccessPolicy", "{\"state\":\"enabled\"}", ""}});
      case 26: {
        // An administrator saves a policy without a change, so the old and the new value are equal.
        const std::string text = "{\"state\":\"enabled\",\"conditions\":{}}";
        return write_.Directory(administrator, time, "Update conditional access policy.",
                                policy("Second factor for all"),
                                {{"ConditionalAccessPolicy", text, text}});
      }
      case 27:
        return write_.Directory(administrator, time, "Set Company Information.",
                                {"Company", company_.tenant().id, company_.tenant().name,
                                 absl::StrCat("Company_", company_.tenant().id)},
                                {{"Included Updated Properties", "", ""}});
      case 28:
        return write_.Directory(administrator, time, "Add owner to application.",
                                UserTarget(administrator),
                                {{"Application.ObjectID", random_.Guid(), ""},
                                 {"Application.DisplayName", "Intranet", ""}});
      case 29:
        return write_.Directory(
            administrator, time, "Add app role assignment to service principal.",
            {"ServicePrincipal", random_.Guid(), "Microsoft Graph", random_.Guid()},
            {{"AppRole.Id", random_.Guid(), ""}, {"AppRole.Value", "ServiceHealth.Read.All", ""}});
      case 30: {
        const std::string application = random_.Guid();
        return write_.Directory(
            administrator, time, "Update application.",
            {"Application", application, "Intranet", absl::StrCat("Application_", application)},
            {{"RequiredResourceAccess",
              "[\r\n  {\r\n    \"EntitlementId\": \"e1fe6dd8-ba31-4d61-89e7-88639da4683d\"\r\n  "
              "}\r\n]",
              "[]"}});
      }
      case 31:
        return write_.Directory(
            person, time, "Consent to application.",
            {"ServicePrincipal", random_.Guid(), "Room booking", random_.Guid()},
            {{"MethodExecutionResult.",
              "Microsoft.Online.RestServices.Common.RestConcurrencyException", ""}},
            "Failure");
      case 32:
        return write_.Directory(administrator, time, "Remove partner from company.",
                                {"Partner", random_.Guid(), "Former provider", random_.Guid()}, {});
      case 33:
        return write_security_.MailThreat(time, person, "offers@bulk.example.net", "Phish",
                                          "Blocked");
      case 34:
        return write_security_.Alert(time, "Email reported by user as malware or phish", "Low",
                                     "Resolved", person);
      default:
        return write_.Sharing(person, time, Where(person), "CompanyLinkUsed", site,
                              frame_.FileName(), "<Type>View</Type>", "");
    }
  }

  const Company& company_;
  const Cast& cast_;
  const WorkdayOptions& options_;
  Random random_;
  RecordFrame frame_;
  RecordWriter write_{frame_};
  SecurityRecordWriter write_security_{frame_};
  Bounds bounds_;
};

}  // namespace

int EmployeesFor(const WorkdayOptions& options) {
  const int64_t roles = static_cast<int64_t>(kCastOfACampaign) * options.campaigns +
                        static_cast<int64_t>(kCastOfNearMisses) + Company::kAdministrators;
  // A person produces about 150 records per working day.
  return static_cast<int>(std::min<int64_t>(
      100'000, std::max<int64_t>(roles + 25 + 5 * options.campaigns, options.records / 150)));
}

Workday SimulateWorkday(const Tenant& tenant, const WorkdayOptions& options) {
  const Company company(tenant, EmployeesFor(options), options.seed);
  const size_t near_misses = options.near_misses ? kCastOfNearMisses : 0;
  Cast cast(company, near_misses + kCastOfACampaign * static_cast<size_t>(options.campaigns),
            kCastOfACampaign * static_cast<size_t>(options.first_campaign));

  Workday day;
  const absl::Time start = options.end - options.length;
  const absl::Duration margin = std::min(absl::Minutes(15), options.length / 30);
  const absl::Duration longest = kLongestStory * options.story_scale;
  const absl::Duration room = std::max(absl::ZeroDuration(), options.length - margin * 2 - longest);
  Random random(SeedFor(options.seed, "campaigns"));
  const auto add = [&day](ScenarioRecords added) {
    std::move(added.records.begin(), added.records.end(), std::back_inserter(day.records));
    std::move(added.expected.begin(), added.expected.end(), std::back_inserter(day.expected));
  };
  ScenarioOptions scenario;
  scenario.seed = options.seed;
  scenario.scale = options.story_scale;
  if (options.near_misses) {
    scenario.start = start + margin + room * random.Share();
    add(WriteNearMisses(company, cast, scenario));
  }
  for (int i = 0; i < options.campaigns; ++i) {
    scenario.campaign = options.first_campaign + i;
    scenario.start = start + margin + room * ((i + random.Share()) / options.campaigns);
    add(WriteAttacks(company, cast, scenario));
  }
  const int64_t scenario_records = static_cast<int64_t>(day.records.size());
  OrdinaryWork(company, cast, options)
      .Write(std::max<int64_t>(0, options.records - scenario_records), day.records);
  std::stable_sort(
      day.records.begin(), day.records.end(),
      [](const AuditRecord& a, const AuditRecord& b) { return a.available < b.available; });
  std::stable_sort(day.expected.begin(), day.expected.end(),
                   [](const ExpectedAlert& a, const ExpectedAlert& b) { return a.last < b.last; });
  return day;
}

}  // namespace picket::simulator
