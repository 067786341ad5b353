#include "simulator/record_writer.h"

#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket::simulator {
namespace {

constexpr std::string_view kExchangeServers[] = {"AM0PR04MB5043 (15.20.8137.025)",
                                                 "DB8PR04MB6875 (15.20.8137.018)",
                                                 "VI1PR04MB5056 (15.20.8114.031)"};
constexpr std::string_view kOfficeApp = "d3590ed6-52b3-4102-aeff-aad2292ab01c";
constexpr std::string_view kExchangeApp = "00000002-0000-0ff1-ce00-000000000000";

struct SignInApp {
  std::string_view application;
  std::string_view resource;
  std::string_view request;
};
constexpr SignInApp kSignInApps[] = {
    {kOfficeApp, kExchangeApp, "OAuth2:Token"},
    {"5e3ce6c0-2b1f-4285-8d4b-75ee78787346", "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
     "OAuth2:Authorize"},
    {"08e18876-6177-487e-b8b5-cf950c1e598c", "00000003-0000-0ff1-ce00-000000000000", "Login:login"},
    {"89bee1f7-5e6e-4d8a-9f3d-ecd601259da7", "00000003-0000-0000-c000-000000000000",
     "OAuth2:Authorize"},
};

std::string_view Extension(std::string_view file) {
  const size_t dot = file.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : file.substr(dot + 1);
}

struct Identity {
  std::string id;
  int type;
};
void WriteIdentities(JsonWriter& json, std::string_view key, const std::vector<Identity>& list) {
  json.Key(key).BeginArray();
  for (const Identity& identity : list) {
    json.BeginObject().Key("ID").Value(identity.id).Key("Type").Value(identity.type).EndObject();
  }
  json.EndArray();
}

}  // namespace

void WritePairs(JsonWriter& json, std::string_view key, const NameValues& pairs) {
  json.Key(key).BeginArray();
  for (const auto& [name, value] : pairs) {
    json.BeginObject().Key("Name").Value(name).Key("Value").Value(value).EndObject();
  }
  json.EndArray();
}

std::string SharePointKey(const Person& person) {
  return absl::StrCat("i:0h.f|membership|", LowerAscii(person.puid), "@live.com");
}

std::string FolderOf(const Site& site) {
  return site.name == "OneDrive" ? "Documents" : "Shared Documents";
}

RecordWriter::RecordWriter(const Company& company, uint64_t seed)
    : company_(company), random_(SeedFor(seed, company.tenant().id)) {}

AuditRecord RecordWriter::Begin(JsonWriter& json, const Common& common) {
  AuditRecord record;
  record.created = absl::FromUnixSeconds(absl::ToUnixSeconds(common.time));
  record.available = record.created;
  record.id = random_.Guid();
  record.content_type = common.content_type;
  json.BeginObject().Key("CreationTime");
  json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", record.created, absl::UTCTimeZone()));
  json.Key("Id").Value(record.id).Key("Operation").Value(common.operation);
  json.Key("OrganizationId").Value(company_.tenant().id);
  json.Key("RecordType").Value(common.record_type);
  if (common.result_status.has_value()) json.Key("ResultStatus").Value(*common.result_status);
  json.Key("UserKey").Value(common.user_key).Key("UserType").Value(common.user_type);
  json.Key("Version").Value(1).Key("Workload").Value(common.workload);
  if (common.client_ip.has_value()) json.Key("ClientIP").Value(*common.client_ip);
  if (common.object_id.has_value()) json.Key("ObjectId").Value(*common.object_id);
  json.Key("UserId").Value(common.user_id);
  return record;
}

AuditRecord RecordWriter::Write(const Common& common,
                                const std::function<void(JsonWriter&)>& own_members) {
  std::string text;
  JsonWriter json(&text);
  AuditRecord record = Begin(json, common);
  own_members(json);
  json.EndObject();
  record.json = std::move(text);
  return record;
}

std::string RecordWriter::ItemId(std::string_view prefix) {
  return absl::StrCat(ToAbsl(prefix), "AAAAD", random_.Hex(24), "AAAAAAEMAAB", random_.Hex(16),
                      "AAA");
}

std::string RecordWriter::MessageId() {
  return absl::StrCat("<", random_.Hex(28), "@mail.", company_.tenant().domain, ">");
}

std::string RecordWriter::FileName() {
  static constexpr std::string_view kSubjects[] = {
      "Budget",  "Contract", "Minutes", "Offer",   "Roadmap",  "Invoice list", "Staff plan",
      "Product", "Customer", "Press",   "Release", "Training", "Risk",         "Forecast"};
  static constexpr std::string_view kKinds[] = {"overview", "draft", "final", "notes",
                                                "figures",  "plan",  "review"};
  static constexpr std::string_view kExtensions[] = {"docx", "xlsx", "pptx", "pdf", "csv"};
  return absl::StrCat(ToAbsl(random_.Pick(kSubjects)), " ", ToAbsl(random_.Pick(kKinds)), " ",
                      random_.Between(1, 400), ".", ToAbsl(random_.Pick(kExtensions)));
}

AuditRecord RecordWriter::StsLogon(const Person& person, absl::Time time, std::string_view address,
                                   std::string_view error_number, std::string_view logon_error) {
  const SignInApp& app = random_.Pick(kSignInApps);
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kEntra;
  common.operation = logon_error.empty() ? "UserLoggedIn" : "UserLoginFailed";
  common.record_type = 15;
  common.workload = "AzureActiveDirectory";
  common.user_key = person.object_id;
  common.user_id = person.upn;
  // The result of the HTTP request, not of the sign-in: four of five failures say Success.
  common.result_status = logon_error.empty() || random_.Chance(0.8) ? "Success" : "Failed";
  common.client_ip = std::string(address);
  common.object_id = std::string(app.resource);
  AuditRecord record = Begin(json, common);
  json.Key("AzureActiveDirectoryEventType").Value(1);
  WritePairs(json, "ExtendedProperties",
             {{"ResultStatusDetail", logon_error.empty() ? "Success" : *common.result_status},
              {"UserAgent", person.user_agent},
              {"UserAuthenticationMethod", "1"},
              {"RequestType", std::string(app.request)}});
  json.Key("ModifiedProperties").BeginArray().EndArray();
  WriteIdentities(json, "Actor", {{person.object_id, 0}, {person.upn, 5}});
  json.Key("ActorContextId").Value(company_.tenant().id).Key("ActorIpAddress").Value(address);
  json.Key("InterSystemsId").Value(random_.Guid()).Key("IntraSystemId").Value(record.id);
  json.Key("SupportTicketId").Value("");
  WriteIdentities(json, "Target", {{std::string(app.resource), 0}});
  json.Key("TargetContextId").Value(company_.tenant().id);
  json.Key("ApplicationId").Value(app.application);
  WritePairs(json, "DeviceProperties",
             {{"OS", person.operating_system},
              {"BrowserType", person.browser},
              {"IsCompliantAndManaged", "False"},
              {"SessionId", random_.Guid()}});
  json.Key("ErrorNumber").Value(error_number);
  if (!logon_error.empty()) json.Key("LogonError").Value(logon_error);
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::SignIn(const Person& person, absl::Time time, std::string_view address) {
  return StsLogon(person, time, address, "0", "");
}

AuditRecord RecordWriter::FailedSignIn(const Person& person, absl::Time time,
                                       std::string_view address, std::string_view error_number,
                                       std::string_view logon_error) {
  return StsLogon(person, time, address, error_number, logon_error);
}

AuditRecord RecordWriter::File(const Person& person, absl::Time time, std::string_view address,
                               std::string_view operation, const Site& site,
                               std::string_view file_name) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = operation;
  common.record_type = 6;
  common.workload = site.name == "OneDrive" ? "OneDrive" : "SharePoint";
  common.user_key = SharePointKey(person);
  common.user_id = person.upn;
  common.client_ip = std::string(address);
  const std::string folder = FolderOf(site);
  common.object_id = absl::StrCat(site.url, folder, "/", ToAbsl(file_name));
  AuditRecord record = Begin(json, common);
  const bool is_folder = operation.substr(0, 6) == "Folder";
  json.Key("ApplicationId").Value("08e18876-6177-487e-b8b5-cf950c1e598c");
  json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
  json.Key("ItemType").Value(is_folder ? "Folder" : "File").Key("ListId").Value(site.list_id);
  json.Key("ListItemUniqueId").Value(random_.Guid()).Key("Site").Value(site.site_id);
  json.Key("UserAgent").Value(person.user_agent).Key("WebId").Value(site.web_id);
  json.Key("FileSizeBytes").Value(random_.Between(900, 4'000'000));
  json.Key("HighPriorityMediaProcessing").Value(false);
  json.Key("SourceFileExtension").Value(Extension(file_name)).Key("SiteUrl").Value(site.url);
  json.Key("SourceFileName").Value(file_name).Key("SourceRelativeUrl").Value(folder);
  if (operation == "FileRenamed" || operation == "FileMoved") {
    json.Key("DestinationFileExtension").Value(Extension(file_name));
    json.Key("DestinationFileName").Value(absl::StrCat("New ", ToAbsl(file_name)));
    json.Key("DestinationRelativeUrl").Value(folder);
  }
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Sharing(const Person& person, absl::Time time, std::string_view address,
                                  std::string_view operation, const Site& site,
                                  std::string_view file_name, std::string_view event_data,
                                  std::string_view target) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = operation;
  common.record_type = 14;
  common.workload = site.name == "OneDrive" ? "OneDrive" : "SharePoint";
  common.user_key = SharePointKey(person);
  common.user_id = person.upn;
  common.client_ip = std::string(address);
  const std::string folder = FolderOf(site);
  common.object_id = absl::StrCat(site.url, folder, "/", ToAbsl(file_name));
  AuditRecord record = Begin(json, common);
  json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
  json.Key("ItemType").Value("File").Key("ListId").Value(site.list_id);
  json.Key("ListItemUniqueId").Value(random_.Guid()).Key("Site").Value(site.site_id);
  json.Key("UserAgent").Value(person.user_agent).Key("WebId").Value(site.web_id);
  json.Key("EventData").Value(event_data).Key("SourceFileExtension").Value(Extension(file_name));
  json.Key("UniqueSharingId").Value(random_.Guid()).Key("SiteUrl").Value(site.url);
  json.Key("SourceFileName").Value(file_name);
  json.Key("SourceRelativeUrl").Value(absl::StrCat(folder, "/", ToAbsl(file_name)));
  if (!target.empty()) {
    const bool guest = !target.ends_with(company_.tenant().domain);
    json.Key("TargetUserOrGroupType").Value(guest ? "Guest" : "Member");
    json.Key("TargetUserOrGroupName").Value(target);
  }
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::SiteAdministrator(const Person& actor, absl::Time time,
                                            std::string_view address, std::string_view operation,
                                            const Site& site, const Person& target) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = operation;
  common.record_type = 14;
  common.workload = "SharePoint";
  common.user_key = SharePointKey(actor);
  common.user_id = actor.upn;
  common.client_ip = std::string(address);
  common.object_id = site.url;
  AuditRecord record = Begin(json, common);
  json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
  json.Key("ItemType").Value("Web").Key("Site").Value(site.site_id);
  json.Key("UserAgent").Value(actor.user_agent).Key("WebId").Value(site.web_id);
  const bool added = operation == "SiteCollectionAdminAdded";
  json.Key("ModifiedProperties").BeginArray().BeginObject().Key("Name").Value("SiteAdmin");
  json.Key("NewValue")
      .Value(added ? target.upn : "")
      .Key("OldValue")
      .Value(added ? "" : target.upn);
  json.EndObject().EndArray();
  json.Key("TargetUserOrGroupType").Value("Member").Key("SiteUrl").Value(site.url);
  json.Key("TargetUserOrGroupName").Value(target.upn).EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::PageViewed(const Person& person, absl::Time time,
                                     std::string_view address, const Site& site) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = "PageViewed";
  common.record_type = 4;
  common.workload = "SharePoint";
  common.user_key = SharePointKey(person);
  common.user_id = person.upn;
  common.client_ip = std::string(address);
  common.object_id = absl::StrCat(site.url, "SitePages/Home.aspx");
  AuditRecord record = Begin(json, common);
  json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
  json.Key("ItemType").Value("Page").Key("Site").Value(site.site_id);
  json.Key("UserAgent").Value(person.user_agent).Key("WebId").Value(site.web_id).EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Mailbox(const Person& person, absl::Time time, std::string_view address,
                                  std::string_view operation, std::string_view subject) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kExchange;
  common.operation = operation;
  const bool accessed = operation == "MailItemsAccessed";
  const bool group = operation == "MoveToDeletedItems" || operation == "SoftDelete" ||
                     operation == "HardDelete" || operation == "Move";
  common.record_type = accessed ? 50 : group ? 3 : 2;
  common.workload = "Exchange";
  common.user_key = person.puid;
  common.user_id = person.upn;
  common.result_status = "Succeeded";
  if (!accessed) common.client_ip = std::string(address);
  AuditRecord record = Begin(json, common);
  json.Key("AppId").Value(kExchangeApp).Key("ClientIPAddress").Value(address);
  json.Key("ClientInfoString")
      .Value(accessed ? "Client=REST;Client=RESTSystem;;" : "Client=OWA;Action=ViaProxy");
  json.Key("ExternalAccess").Value(false).Key("InternalLogonType").Value(0);
  json.Key("LogonType").Value(0).Key("LogonUserSid").Value(person.sid);
  json.Key("MailboxGuid").Value(person.mailbox_guid).Key("MailboxOwnerSid").Value(person.sid);
  json.Key("MailboxOwnerUPN").Value(person.upn);
  if (accessed) {
    WritePairs(json, "OperationProperties", {{"MailAccessType", "Bind"}, {"IsThrottled", "False"}});
  }
  json.Key("OrganizationName").Value(company_.organization());
  // Exchange ends the name of its server with a line break.
  json.Key("OriginatingServer").Value(absl::StrCat(ToAbsl(random_.Pick(kExchangeServers)), "\r\n"));
  json.Key("SessionId").Value(random_.Guid());
  if (accessed) {
    const int64_t items = random_.Between(1, 4);
    json.Key("Folders").BeginArray().BeginObject().Key("FolderItems").BeginArray();
    for (int64_t i = 0; i < items; ++i) {
      json.BeginObject().Key("InternetMessageId").Value(MessageId()).EndObject();
    }
    json.EndArray()
        .Key("Id")
        .Value(ItemId("Lg"))
        .Key("Path")
        .Value("\\Inbox")
        .EndObject()
        .EndArray();
    json.Key("OperationCount").Value(items);
  } else if (group) {
    json.Key("AffectedItems").BeginArray().BeginObject().Key("Id").Value(ItemId("Rg"));
    json.Key("InternetMessageId").Value(MessageId()).Key("ParentFolder").BeginObject();
    json.Key("Id").Value(ItemId("Lg")).Key("Path").Value("\\Inbox").EndObject();
    json.Key("Subject").Value(subject).EndObject().EndArray();
    json.Key("CrossMailboxOperation").Value(false);
    if (operation == "MoveToDeletedItems" || operation == "Move") {
      json.Key("DestFolder").BeginObject().Key("Id").Value(ItemId("Lg"));
      json.Key("Path").Value(operation == "Move" ? "\\Projects" : "\\Deleted Items").EndObject();
    }
    json.Key("Folder").BeginObject().Key("Id").Value(ItemId("Lg")).Key("Path").Value("\\Inbox");
    json.EndObject();
  } else {
    json.Key("Item").BeginObject().Key("Id").Value(ItemId("Rg"));
    json.Key("InternetMessageId").Value(MessageId()).Key("ParentFolder").BeginObject();
    json.Key("Id").Value(ItemId("Lg"));
    json.Key("Path").Value(operation == "Send" ? "\\Drafts" : "\\Calendar").EndObject();
    json.Key("SizeInBytes").Value(random_.Between(1'500, 90'000));
    json.Key("Subject").Value(absl::StrCat("Re: ", FileName())).EndObject();
  }
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::CmdletRecord(JsonWriter& json, std::string& text, AuditRecord record,
                                       const NameValues& parameters, bool external) {
  json.Key("AppId").Value("").Key("ClientAppId").Value("").Key("ExternalAccess").Value(external);
  json.Key("OrganizationName").Value(company_.organization());
  json.Key("OriginatingServer").Value(random_.Pick(kExchangeServers));
  WritePairs(json, "Parameters", parameters);
  if (!external) json.Key("SessionId").Value(random_.Guid());
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Cmdlet(const Person& actor, absl::Time time, std::string_view address,
                                 std::string_view operation, std::string_view object_id,
                                 const NameValues& parameters) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kExchange;
  common.operation = operation;
  common.record_type = 1;
  common.workload = "Exchange";
  common.user_key = actor.puid;
  common.user_type = 2;
  common.user_id = actor.upn;
  common.result_status = "True";
  common.client_ip = absl::StrCat(ToAbsl(address), ":", random_.Between(20'000, 60'000));
  common.object_id = std::string(object_id);
  AuditRecord record = Begin(json, common);
  return CmdletRecord(json, text, std::move(record), parameters, false);
}

AuditRecord RecordWriter::SystemCmdlet(absl::Time time, std::string_view operation,
                                       std::string_view object_id, const NameValues& parameters) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kExchange;
  common.operation = operation;
  common.record_type = 1;
  common.workload = "Exchange";
  common.user_key = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)";
  common.user_type = 3;
  common.user_id = common.user_key;
  common.result_status = "True";
  common.object_id = std::string(object_id);
  AuditRecord record = Begin(json, common);
  return CmdletRecord(json, text, std::move(record), parameters, true);
}

AuditRecord RecordWriter::ComplianceCmdlet(const Person& actor, absl::Time time,
                                           std::string_view operation,
                                           std::string_view parameters) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = operation;
  common.record_type = 18;
  common.workload = "SecurityComplianceCenter";
  common.user_key = actor.puid;
  common.user_id = actor.upn;
  common.result_status = "Success";
  common.object_id = "";
  AuditRecord record = Begin(json, common);
  json.Key("SecurityComplianceCenterEventType").Value(0);
  json.Key("ClientApplication").Value("EMC").Key("CmdletVersion").Value("15.20.8137.000");
  json.Key("EffectiveOrganization").Value(company_.organization());
  json.Key("NonPIIParameters").Value("").Key("Parameters").Value(parameters);
  json.Key("StartTime")
      .Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", record.created, absl::UTCTimeZone()));
  json.Key("UserServicePlan").Value("").EndObject();
  record.json = std::move(text);
  return record;
}

DirectoryTarget UserTarget(const Person& person) {
  return {"User", person.object_id, person.upn, person.upn};
}

AuditRecord RecordWriter::Directory(const Person& actor, absl::Time time,
                                    std::string_view operation, const DirectoryTarget& target,
                                    const std::vector<PropertyChange>& changes,
                                    std::string_view result) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kEntra;
  common.operation = operation;
  common.record_type = 8;
  common.workload = "AzureActiveDirectory";
  common.user_key = absl::StrCat(actor.puid, "@", company_.tenant().domain);
  common.user_id = actor.upn;
  common.result_status = std::string(result);
  common.object_id = target.record_object_id;
  AuditRecord record = Begin(json, common);
  json.Key("AzureActiveDirectoryEventType").Value(1);
  WritePairs(json, "ExtendedProperties",
             {{"additionalDetails", absl::StrCat("{\"User-Agent\":\"", actor.user_agent, "\"}")},
              {"extendedAuditEventCategory", target.category}});
  json.Key("ModifiedProperties").BeginArray();
  for (const PropertyChange& change : changes) {
    json.BeginObject().Key("Name").Value(change.name).Key("NewValue").Value(change.new_value);
    json.Key("OldValue").Value(change.old_value).EndObject();
  }
  json.EndArray();
  WriteIdentities(json, "Actor",
                  {{actor.upn, 5},
                   {actor.puid, 3},
                   {absl::StrCat("User_", actor.object_id), 2},
                   {actor.object_id, 2},
                   {"User", 2}});
  json.Key("ActorContextId").Value(company_.tenant().id);
  json.Key("InterSystemsId").Value(random_.Guid()).Key("IntraSystemId").Value(random_.Guid());
  json.Key("SupportTicketId").Value("");
  WriteIdentities(json, "Target",
                  {{absl::StrCat(target.category, "_", target.object_id), 2},
                   {target.object_id, 2},
                   {target.category, 2},
                   {target.name, target.category == "User" ? 5 : 1}});
  json.Key("TargetContextId").Value(company_.tenant().id).EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Teams(const Person& person, absl::Time time, std::string_view address,
                                std::string_view operation) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = operation;
  common.record_type = 25;
  common.workload = "MicrosoftTeams";
  common.user_key = person.object_id;
  common.user_id = person.upn;
  if (operation == "TeamsSessionStarted") common.object_id = "Unknown (Unknown)";
  if (operation != "MemberAdded") common.client_ip = std::string(address);
  AuditRecord record = Begin(json, common);
  const Site& site = random_.Pick(company_.sites());
  const std::string thread = absl::StrCat("19:", LowerAscii(random_.Hex(32)), "@thread.tacv2");
  if (operation == "MessageSent" || operation == "ChatCreated") {
    json.Key("ChatThreadId").Value(thread).Key("CommunicationType").Value("GroupChat");
    json.Key("ExtraProperties").BeginArray().EndArray();
    json.Key("MessageId").Value(absl::StrCat(absl::ToUnixMillis(record.created)));
    json.Key("MessageVersion").Value(absl::StrCat(absl::ToUnixMillis(record.created)));
  } else if (operation == "MemberAdded") {
    const Person& member = random_.Pick(company_.people());
    json.Key("AADGroupId").Value(site.list_id).Key("CommunicationType").Value("Team");
    json.Key("ExtraProperties").BeginArray().EndArray();
    json.Key("Members").BeginArray().BeginObject().Key("DisplayName").Value(member.name);
    json.Key("Role").Value(1).Key("UPN").Value(member.upn).EndObject().EndArray();
    json.Key("TeamGuid").Value(thread).Key("ItemName").Value(site.name);
    json.Key("TeamName").Value(site.name);
  } else if (operation == "MeetingDetail") {
    json.Key("MeetingDetailId").Value(random_.Guid()).Key("ItemName").Value("Weekly meeting");
    json.Key("StartTime")
        .Value(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", record.created, absl::UTCTimeZone()));
  } else {
    json.Key("ClientVersion").Value("49/24101300").Key("DeviceInformation");
    json.Value(person.operating_system);
    json.Key("ExtraProperties").BeginArray().EndArray();
  }
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Copilot(const Person& person, absl::Time time, std::string_view address) {
  std::string text;
  JsonWriter json(&text);
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = "CopilotInteraction";
  common.record_type = 261;
  common.workload = "Copilot";
  common.user_key = person.object_id;
  common.user_id = person.upn;
  common.client_ip = std::string(address);
  AuditRecord record = Begin(json, common);
  const Site site = company_.OneDrive(person);
  const std::string file = FileName();
  json.Key("ClientRegion").Value("DE").Key("CopilotEventData").BeginObject();
  json.Key("AISystemPlugin").BeginArray().EndArray();
  json.Key("AccessedResources").BeginArray().BeginObject().Key("Action").Value("Read");
  json.Key("Name").Value(file).Key("SiteUrl").Value(absl::StrCat(site.url, "Documents/", file));
  json.Key("Type").Value(Extension(file)).EndObject().EndArray();
  json.Key("AppHost").Value("Word").Key("Contexts").BeginArray().EndArray();
  json.Key("Messages").BeginArray();
  json.BeginObject().Key("Id").Value(random_.Hex(12)).Key("isPrompt").Value(true).EndObject();
  json.BeginObject().Key("Id").Value(random_.Hex(12)).Key("isPrompt").Value(false).EndObject();
  json.EndArray().Key("ThreadId").Value(absl::StrCat("19:", random_.Hex(24), "@thread.v2"));
  json.EndObject().EndObject();
  record.json = std::move(text);
  return record;
}

}  // namespace picket::simulator
