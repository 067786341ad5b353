#include "simulator/record_writer.h"

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

AuditRecord RecordWriter::StsLogon(const Person& person, absl::Time time, std::string_view address,
                                   std::string_view error_number, std::string_view logon_error) {
  const SignInApp& app = frame_.random.Pick(kSignInApps);
  std::string text;
  JsonWriter json(&text);
  RecordHead head;
  head.time = time;
  head.content_type = kEntra;
  head.operation = logon_error.empty() ? "UserLoggedIn" : "UserLoginFailed";
  head.record_type = 15;
  head.workload = "AzureActiveDirectory";
  head.user_key = person.object_id;
  head.user_id = person.upn;
  // As in Entra's records, ResultStatus is the result of the HTTP request, not of the sign-in.
  // Therefore, ResultStatus is "Success" in about four of five failed sign-ins.
  head.result_status = logon_error.empty() || frame_.random.Chance(0.8) ? "Success" : "Failed";
  head.client_ip = std::string(address);
  head.object_id = std::string(app.resource);
  AuditRecord record = frame_.Begin(json, head);
  json.Key("AzureActiveDirectoryEventType").Value(1);
  WritePairs(json, "ExtendedProperties",
             {{"ResultStatusDetail", logon_error.empty() ? "Success" : *head.result_status},
              {"UserAgent", person.user_agent},
              {"UserAuthenticationMethod", "1"},
              {"RequestType", std::string(app.request)}});
  json.Key("ModifiedProperties").BeginArray().EndArray();
  WriteIdentities(json, "Actor", {{person.object_id, 0}, {person.upn, 5}});
  json.Key("ActorContextId").Value(frame_.company.tenant().id).Key("ActorIpAddress").Value(address);
  json.Key("InterSystemsId").Value(frame_.random.Guid()).Key("IntraSystemId").Value(record.id);
  json.Key("SupportTicketId").Value("");
  WriteIdentities(json, "Target", {{std::string(app.resource), 0}});
  json.Key("TargetContextId").Value(frame_.company.tenant().id);
  json.Key("ApplicationId").Value(app.application);
  WritePairs(json, "DeviceProperties",
             {{"OS", person.operating_system},
              {"BrowserType", person.browser},
              {"IsCompliantAndManaged", "False"},
              {"SessionId", frame_.random.Guid()}});
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
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = operation;
  head.record_type = 6;
  head.workload = site.name == "OneDrive" ? "OneDrive" : "SharePoint";
  head.user_key = SharePointKey(person);
  head.user_id = person.upn;
  head.client_ip = std::string(address);
  const std::string folder = FolderOf(site);
  head.object_id = absl::StrCat(site.url, folder, "/", ToAbsl(file_name));
  AuditRecord record = frame_.Begin(json, head);
  const bool is_folder = operation.substr(0, 6) == "Folder";
  json.Key("ApplicationId").Value("08e18876-6177-487e-b8b5-cf950c1e598c");
  json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
  json.Key("ItemType").Value(is_folder ? "Folder" : "File").Key("ListId").Value(site.list_id);
  json.Key("ListItemUniqueId").Value(frame_.random.Guid()).Key("Site").Value(site.site_id);
  json.Key("UserAgent").Value(person.user_agent).Key("WebId").Value(site.web_id);
  json.Key("FileSizeBytes").Value(frame_.random.Between(900, 4'000'000));
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
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = operation;
  head.record_type = 14;
  head.workload = site.name == "OneDrive" ? "OneDrive" : "SharePoint";
  head.user_key = SharePointKey(person);
  head.user_id = person.upn;
  head.client_ip = std::string(address);
  const std::string folder = FolderOf(site);
  head.object_id = absl::StrCat(site.url, folder, "/", ToAbsl(file_name));
  AuditRecord record = frame_.Begin(json, head);
  json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
  json.Key("ItemType").Value("File").Key("ListId").Value(site.list_id);
  json.Key("ListItemUniqueId").Value(frame_.random.Guid()).Key("Site").Value(site.site_id);
  json.Key("UserAgent").Value(person.user_agent).Key("WebId").Value(site.web_id);
  json.Key("EventData").Value(event_data).Key("SourceFileExtension").Value(Extension(file_name));
  json.Key("UniqueSharingId").Value(frame_.random.Guid()).Key("SiteUrl").Value(site.url);
  json.Key("SourceFileName").Value(file_name);
  json.Key("SourceRelativeUrl").Value(absl::StrCat(folder, "/", ToAbsl(file_name)));
  if (!target.empty()) {
    const bool guest = !target.ends_with(frame_.company.tenant().domain);
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
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = operation;
  head.record_type = 14;
  head.workload = "SharePoint";
  head.user_key = SharePointKey(actor);
  head.user_id = actor.upn;
  head.client_ip = std::string(address);
  head.object_id = site.url;
  AuditRecord record = frame_.Begin(json, head);
  json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
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
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = "PageViewed";
  head.record_type = 4;
  head.workload = "SharePoint";
  head.user_key = SharePointKey(person);
  head.user_id = person.upn;
  head.client_ip = std::string(address);
  head.object_id = absl::StrCat(site.url, "SitePages/Home.aspx");
  AuditRecord record = frame_.Begin(json, head);
  json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
  json.Key("ItemType").Value("Page").Key("Site").Value(site.site_id);
  json.Key("UserAgent").Value(person.user_agent).Key("WebId").Value(site.web_id).EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Mailbox(const Person& person, absl::Time time, std::string_view address,
                                  std::string_view operation, std::string_view subject) {
  std::string text;
  JsonWriter json(&text);
  RecordHead head;
  head.time = time;
  head.content_type = kExchange;
  head.operation = operation;
  const bool accessed = operation == "MailItemsAccessed";
  const bool group = operation == "MoveToDeletedItems" || operation == "SoftDelete" ||
                     operation == "HardDelete" || operation == "Move";
  head.record_type = accessed ? 50 : group ? 3 : 2;
  head.workload = "Exchange";
  head.user_key = person.puid;
  head.user_id = person.upn;
  head.result_status = "Succeeded";
  if (!accessed) head.client_ip = std::string(address);
  AuditRecord record = frame_.Begin(json, head);
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
  json.Key("OrganizationName").Value(frame_.company.organization());
  // In Exchange's mailbox records, the server name ends with a line break.
  json.Key("OriginatingServer")
      .Value(absl::StrCat(ToAbsl(frame_.random.Pick(kExchangeServers)), "\r\n"));
  json.Key("SessionId").Value(frame_.random.Guid());
  if (accessed) {
    const int64_t items = frame_.random.Between(1, 4);
    json.Key("Folders").BeginArray().BeginObject().Key("FolderItems").BeginArray();
    for (int64_t i = 0; i < items; ++i) {
      json.BeginObject().Key("InternetMessageId").Value(frame_.MessageId()).EndObject();
    }
    json.EndArray()
        .Key("Id")
        .Value(frame_.ItemId("Lg"))
        .Key("Path")
        .Value("\\Inbox")
        .EndObject()
        .EndArray();
    json.Key("OperationCount").Value(items);
  } else if (group) {
    json.Key("AffectedItems").BeginArray().BeginObject().Key("Id").Value(frame_.ItemId("Rg"));
    json.Key("InternetMessageId").Value(frame_.MessageId()).Key("ParentFolder").BeginObject();
    json.Key("Id").Value(frame_.ItemId("Lg")).Key("Path").Value("\\Inbox").EndObject();
    json.Key("Subject").Value(subject).EndObject().EndArray();
    json.Key("CrossMailboxOperation").Value(false);
    if (operation == "MoveToDeletedItems" || operation == "Move") {
      json.Key("DestFolder").BeginObject().Key("Id").Value(frame_.ItemId("Lg"));
      json.Key("Path").Value(operation == "Move" ? "\\Projects" : "\\Deleted Items").EndObject();
    }
    json.Key("Folder")
        .BeginObject()
        .Key("Id")
        .Value(frame_.ItemId("Lg"))
        .Key("Path")
        .Value("\\Inbox");
    json.EndObject();
  } else {
    json.Key("Item").BeginObject().Key("Id").Value(frame_.ItemId("Rg"));
    json.Key("InternetMessageId").Value(frame_.MessageId()).Key("ParentFolder").BeginObject();
    json.Key("Id").Value(frame_.ItemId("Lg"));
    json.Key("Path").Value(operation == "Send" ? "\\Drafts" : "\\Calendar").EndObject();
    json.Key("SizeInBytes").Value(frame_.random.Between(1'500, 90'000));
    json.Key("Subject").Value(absl::StrCat("Re: ", frame_.FileName())).EndObject();
  }
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::CmdletRecord(JsonWriter& json, std::string& text, AuditRecord record,
                                       const NameValues& parameters, bool external) {
  json.Key("AppId").Value("").Key("ClientAppId").Value("").Key("ExternalAccess").Value(external);
  json.Key("OrganizationName").Value(frame_.company.organization());
  json.Key("OriginatingServer").Value(frame_.random.Pick(kExchangeServers));
  WritePairs(json, "Parameters", parameters);
  if (!external) json.Key("SessionId").Value(frame_.random.Guid());
  json.EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Cmdlet(const Person& actor, absl::Time time, std::string_view address,
                                 std::string_view operation, std::string_view object_id,
                                 const NameValues& parameters) {
  std::string text;
  JsonWriter json(&text);
  RecordHead head;
  head.time = time;
  head.content_type = kExchange;
  head.operation = operation;
  head.record_type = 1;
  head.workload = "Exchange";
  head.user_key = actor.puid;
  head.user_type = 2;
  head.user_id = actor.upn;
  head.result_status = "True";
  head.client_ip = absl::StrCat(ToAbsl(address), ":", frame_.random.Between(20'000, 60'000));
  head.object_id = std::string(object_id);
  AuditRecord record = frame_.Begin(json, head);
  return CmdletRecord(json, text, std::move(record), parameters, false);
}

AuditRecord RecordWriter::SystemCmdlet(absl::Time time, std::string_view operation,
                                       std::string_view object_id, const NameValues& parameters) {
  std::string text;
  JsonWriter json(&text);
  RecordHead head;
  head.time = time;
  head.content_type = kExchange;
  head.operation = operation;
  head.record_type = 1;
  head.workload = "Exchange";
  head.user_key = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)";
  head.user_type = 3;
  head.user_id = head.user_key;
  head.result_status = "True";
  head.object_id = std::string(object_id);
  AuditRecord record = frame_.Begin(json, head);
  return CmdletRecord(json, text, std::move(record), parameters, true);
}

AuditRecord RecordWriter::ComplianceCmdlet(const Person& actor, absl::Time time,
                                           std::string_view operation,
                                           std::string_view parameters) {
  std::string text;
  JsonWriter json(&text);
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = operation;
  head.record_type = 18;
  head.workload = "SecurityComplianceCenter";
  head.user_key = actor.puid;
  head.user_id = actor.upn;
  head.result_status = "Success";
  head.object_id = "";
  AuditRecord record = frame_.Begin(json, head);
  json.Key("SecurityComplianceCenterEventType").Value(0);
  json.Key("ClientApplication").Value("EMC").Key("CmdletVersion").Value("15.20.8137.000");
  json.Key("EffectiveOrganization").Value(frame_.company.organization());
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
  RecordHead head;
  head.time = time;
  head.content_type = kEntra;
  head.operation = operation;
  head.record_type = 8;
  head.workload = "AzureActiveDirectory";
  head.user_key = absl::StrCat(actor.puid, "@", frame_.company.tenant().domain);
  head.user_id = actor.upn;
  head.result_status = std::string(result);
  head.object_id = target.record_object_id;
  AuditRecord record = frame_.Begin(json, head);
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
  json.Key("ActorContextId").Value(frame_.company.tenant().id);
  json.Key("InterSystemsId")
      .Value(frame_.random.Guid())
      .Key("IntraSystemId")
      .Value(frame_.random.Guid());
  json.Key("SupportTicketId").Value("");
  WriteIdentities(json, "Target",
                  {{absl::StrCat(target.category, "_", target.object_id), 2},
                   {target.object_id, 2},
                   {target.category, 2},
                   {target.name, target.category == "User" ? 5 : 1}});
  json.Key("TargetContextId").Value(frame_.company.tenant().id).EndObject();
  record.json = std::move(text);
  return record;
}

AuditRecord RecordWriter::Teams(const Person& person, absl::Time time, std::string_view address,
                                std::string_view operation) {
  std::string text;
  JsonWriter json(&text);
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = operation;
  head.record_type = 25;
  head.workload = "MicrosoftTeams";
  head.user_key = person.object_id;
  head.user_id = person.upn;
  if (operation == "TeamsSessionStarted") head.object_id = "Unknown (Unknown)";
  if (operation != "MemberAdded") head.client_ip = std::string(address);
  AuditRecord record = frame_.Begin(json, head);
  const Site& site = frame_.random.Pick(frame_.company.sites());
  const std::string thread =
      absl::StrCat("19:", LowerAscii(frame_.random.Hex(32)), "@thread.tacv2");
  if (operation == "MessageSent" || operation == "ChatCreated") {
    json.Key("ChatThreadId").Value(thread).Key("CommunicationType").Value("GroupChat");
    json.Key("ExtraProperties").BeginArray().EndArray();
    json.Key("MessageId").Value(absl::StrCat(absl::ToUnixMillis(record.created)));
    json.Key("MessageVersion").Value(absl::StrCat(absl::ToUnixMillis(record.created)));
  } else if (operation == "MemberAdded") {
    const Person& member = frame_.random.Pick(frame_.company.people());
    json.Key("AADGroupId").Value(site.list_id).Key("CommunicationType").Value("Team");
    json.Key("ExtraProperties").BeginArray().EndArray();
    json.Key("Members").BeginArray().BeginObject().Key("DisplayName").Value(member.name);
    json.Key("Role").Value(1).Key("UPN").Value(member.upn).EndObject().EndArray();
    json.Key("TeamGuid").Value(thread).Key("ItemName").Value(site.name);
    json.Key("TeamName").Value(site.name);
  } else if (operation == "MeetingDetail") {
    json.Key("MeetingDetailId").Value(frame_.random.Guid()).Key("ItemName").Value("Weekly meeting");
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
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = "CopilotInteraction";
  head.record_type = 261;
  head.workload = "Copilot";
  head.user_key = person.object_id;
  head.user_id = person.upn;
  head.client_ip = std::string(address);
  AuditRecord record = frame_.Begin(json, head);
  const Site site = frame_.company.OneDrive(person);
  const std::string file = frame_.FileName();
  json.Key("ClientRegion").Value("DE").Key("CopilotEventData").BeginObject();
  json.Key("AISystemPlugin").BeginArray().EndArray();
  json.Key("AccessedResources").BeginArray().BeginObject().Key("Action").Value("Read");
  json.Key("Name").Value(file).Key("SiteUrl").Value(absl::StrCat(site.url, "Documents/", file));
  json.Key("Type").Value(Extension(file)).EndObject().EndArray();
  json.Key("AppHost").Value("Word").Key("Contexts").BeginArray().EndArray();
  json.Key("Messages").BeginArray();
  json.BeginObject().Key("Id").Value(frame_.random.Hex(12)).Key("isPrompt").Value(true).EndObject();
  json.BeginObject()
      .Key("Id")
      .Value(frame_.random.Hex(12))
      .Key("isPrompt")
      .Value(false)
      .EndObject();
  json.EndArray().Key("ThreadId").Value(absl::StrCat("19:", frame_.random.Hex(24), "@thread.v2"));
  json.EndObject().EndObject();
  record.json = std::move(text);
  return record;
}

}  // namespace picket::simulator
