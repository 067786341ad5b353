// The records of administration and of what the service itself finds: mailboxes of others, policies of SharePoint and
// Teams, eDiscovery, quarantine, data loss prevention, alerts.

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "simulator/record_writer.h"

namespace picket::simulator {

AuditRecord RecordWriter::MailReadByAdministrator(const Person& actor, const Person& owner,
                                                  absl::Time time, std::string_view address) {
  Common common;
  common.time = time;
  common.content_type = kExchange;
  common.operation = "MailItemsAccessed";
  common.record_type = 50;
  common.workload = "Exchange";
  common.user_key = actor.puid;
  common.user_id = actor.upn;
  common.result_status = "Succeeded";
  return Write(common, [&](JsonWriter& json) {
    json.Key("ClientIPAddress").Value(address).Key("ClientInfoString");
    json.Value("Client=WebServices;ExchangeServicesClient").Key("ExternalAccess").Value(false);
    json.Key("InternalLogonType").Value(0).Key("LogonType").Value(1);
    json.Key("LogonUserSid").Value(actor.sid).Key("MailboxGuid").Value(owner.mailbox_guid);
    json.Key("MailboxOwnerSid").Value(owner.sid).Key("MailboxOwnerUPN").Value(owner.upn);
    WritePairs(json, "OperationProperties", {{"MailAccessType", "Bind"}, {"IsThrottled", "False"}});
    json.Key("OrganizationName").Value(company_.organization());
    json.Key("SessionId").Value(random_.Guid()).Key("Folders").BeginArray().BeginObject();
    json.Key("FolderItems").BeginArray().BeginObject().Key("InternetMessageId").Value(MessageId());
    json.EndObject().EndArray().Key("Id").Value(ItemId("Lg")).Key("Path").Value("\\Inbox");
    json.EndObject().EndArray().Key("OperationCount").Value(1);
  });
}

AuditRecord RecordWriter::FolderPermissions(const Person& person, absl::Time time,
                                            std::string_view folder, std::string_view member,
                                            std::string_view rights) {
  Common common;
  common.time = time;
  common.content_type = kExchange;
  common.operation = "ModifyFolderPermissions";
  common.record_type = 2;
  common.workload = "Exchange";
  common.user_key = person.puid;
  common.user_id = person.upn;
  common.result_status = "Succeeded";
  common.client_ip = "::1";
  return Write(common, [&](JsonWriter& json) {
    json.Key("ClientIPAddress")
        .Value("::1")
        .Key("ClientInfoString")
        .Value("Client=OWA;Action=ViaProxy");
    json.Key("ExternalAccess").Value(false).Key("InternalLogonType").Value(0);
    json.Key("LogonType").Value(0).Key("LogonUserSid").Value(person.sid);
    json.Key("MailboxGuid").Value(person.mailbox_guid).Key("MailboxOwnerSid").Value(person.sid);
    json.Key("MailboxOwnerUPN").Value(person.upn);
    json.Key("OrganizationName").Value(company_.organization()).Key("Item").BeginObject();
    const std::string id = ItemId("Lg");
    json.Key("Id").Value(id).Key("ParentFolder").BeginObject().Key("Id").Value(id);
    json.Key("MemberRights").Value(rights).Key("MemberSid").Value("S-1-1-0");
    json.Key("MemberUpn").Value(member).Key("Name").Value(folder);
    json.Key("Path").Value(absl::StrCat("\\", ToAbsl(folder))).EndObject().EndObject();
  });
}

AuditRecord RecordWriter::OutlookRule(const Person& person, absl::Time time,
                                      std::string_view address, std::string_view name,
                                      std::string_view actions) {
  Common common;
  common.time = time;
  common.content_type = kExchange;
  common.operation = "UpdateInboxRules";
  common.record_type = 2;
  common.workload = "Exchange";
  common.user_key = person.puid;
  common.user_id = person.upn;
  common.result_status = "Succeeded";
  common.client_ip = std::string(address);
  return Write(common, [&](JsonWriter& json) {
    json.Key("ClientIPAddress").Value(address).Key("ClientInfoString");
    json.Value("Client=MSExchangeRPC").Key("ClientProcessName").Value("OUTLOOK.EXE");
    json.Key("ExternalAccess").Value(false).Key("InternalLogonType").Value(0);
    json.Key("LogonType").Value(0).Key("LogonUserSid").Value(person.sid);
    json.Key("MailboxGuid").Value(person.mailbox_guid).Key("MailboxOwnerSid").Value(person.sid);
    json.Key("MailboxOwnerUPN").Value(person.upn);
    WritePairs(json, "OperationProperties",
               {{"RuleOperation", "AddMailboxRule"},
                {"RuleId", absl::StrCat(random_.Below(1'000'000'000))},
                {"RuleName", std::string(name)},
                {"RuleState", "Enabled"},
                {"RuleActions", std::string(actions)}});
    json.Key("OrganizationName").Value(company_.organization());
    json.Key("SessionId").Value(random_.Guid());
  });
}

AuditRecord RecordWriter::SharingPolicy(const Person& actor, absl::Time time,
                                        std::string_view address, const Site& site,
                                        const PropertyChange& change) {
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = "SharingPolicyChanged";
  common.record_type = 4;
  common.workload = "SharePoint";
  common.user_key = SharePointKey(actor);
  common.user_id = actor.upn;
  common.client_ip = std::string(address);
  common.object_id = site.url;
  return Write(common, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("Site").Key("Site").Value(site.site_id);
    json.Key("UserAgent").Value(actor.user_agent).Key("ModifiedProperties").BeginArray();
    json.BeginObject().Key("Name").Value(change.name).Key("NewValue").Value(change.new_value);
    json.Key("OldValue").Value(change.old_value).EndObject().EndArray();
  });
}

AuditRecord RecordWriter::PermissionLevel(const Person& actor, absl::Time time,
                                          std::string_view address, const Site& site,
                                          std::string_view level, std::string_view permissions) {
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = "PermissionLevelAdded";
  common.record_type = 4;
  common.workload = "SharePoint";
  common.user_key = SharePointKey(actor);
  common.user_id = actor.upn;
  common.client_ip = std::string(address);
  common.object_id = site.url;
  return Write(common, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("Web").Key("Site").Value(site.site_id);
    json.Key("UserAgent").Value(actor.user_agent).Key("WebId").Value(site.web_id);
    json.Key("EventData")
        .Value(absl::StrCat("<PermissionLevel>", ToAbsl(level),
                            "</PermissionLevel><BasePermissions>", ToAbsl(permissions),
                            "</BasePermissions>"));
  });
}

AuditRecord RecordWriter::Search(const Person& person, absl::Time time, std::string_view address,
                                 std::string_view query) {
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = "SearchQueryPerformed";
  common.record_type = 4;
  common.workload = "SharePoint";
  common.user_key = SharePointKey(person);
  common.user_id = person.upn;
  common.client_ip = std::string(address);
  const Site& site = random_.Pick(company_.sites());
  common.object_id = absl::StrCat(site.url, "_layouts/15/search.aspx");
  return Write(common, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("Page").Key("Site").Value(site.site_id);
    json.Key("UserAgent").Value(person.user_agent).Key("EventData");
    json.Value(absl::StrCat("<SearchQueryText>", ToAbsl(query), "</SearchQueryText>"));
  });
}

AuditRecord RecordWriter::Malware(const Person& person, absl::Time time, std::string_view address,
                                  const Site& site, std::string_view file_name,
                                  std::string_view virus) {
  Common common;
  common.time = time;
  common.content_type = kSharePoint;
  common.operation = "FileMalwareDetected";
  common.record_type = 6;
  common.workload = site.name == "OneDrive" ? "OneDrive" : "SharePoint";
  common.user_key = SharePointKey(person);
  common.user_id = person.upn;
  common.client_ip = std::string(address);
  const std::string folder = FolderOf(site);
  common.object_id = absl::StrCat(site.url, folder, "/", ToAbsl(file_name));
  return Write(common, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(random_.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("File").Key("ListItemUniqueId").Value(random_.Guid());
    json.Key("Site").Value(site.site_id).Key("SiteUrl").Value(site.url);
    json.Key("SourceFileExtension").Value(file_name.substr(file_name.rfind('.') + 1));
    json.Key("SourceFileName").Value(file_name).Key("SourceRelativeUrl").Value(folder);
    json.Key("VirusInfo").Value(virus).Key("VirusVendor").Value("Default");
    json.Key("WebId").Value(site.web_id);
  });
}

AuditRecord RecordWriter::FileThreat(absl::Time time, const Site& site,
                                     std::string_view file_name) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = "AtpDetection";
  common.record_type = 47;
  common.workload = "ThreatIntelligence";
  common.user_key = "ThreatIntel";
  common.user_type = 4;
  common.user_id = "ThreatIntel";
  const std::string document = random_.Guid();
  common.object_id = document;
  return Write(common, [&](JsonWriter& json) {
    json.Key("DetectionDate");
    json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", common.time, absl::UTCTimeZone()));
    json.Key("DetectionMethod").Value("Safe Attachments").Key("EventDeepLink");
    json.Value("https://security.microsoft.com/threatexplorer").Key("FileData").BeginObject();
    json.Key("DocumentId").Value(document).Key("FileName").Value(file_name);
    json.Key("FilePath").Value(absl::StrCat(site.url, FolderOf(site))).Key("FileVerdict").Value(1);
    json.Key("MalwareFamily").Value("Example").Key("SHA256").Value(random_.Hex(64)).EndObject();
    json.Key("SourceWorkload").Value(1);
  });
}

AuditRecord RecordWriter::MailThreat(absl::Time time, const Person& recipient,
                                     std::string_view sender, std::string_view verdict,
                                     std::string_view delivery) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = "TIMailData";
  common.record_type = 28;
  common.workload = "ThreatIntelligence";
  common.user_key = "ThreatIntel";
  common.user_type = 4;
  common.user_id = "ThreatIntel";
  const std::string message = random_.Guid();
  common.object_id = absl::StrCat(message, random_.Between(1'000'000'000, 9'000'000'000));
  return Write(common, [&](JsonWriter& json) {
    json.Key("DeliveryAction").Value(delivery).Key("DetectionMethod").Value("Advanced filter");
    json.Key("DetectionType").Value("Inline").Key("InternetMessageId").Value(MessageId());
    json.Key("MessageTime");
    json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", common.time, absl::UTCTimeZone()));
    json.Key("NetworkMessageId").Value(message).Key("P1Sender").Value(sender);
    json.Key("P2Sender").Value(sender).Key("Recipients").BeginArray().Value(recipient.upn);
    json.EndArray().Key("SenderIp").Value("203.0.113.251");
    json.Key("Subject").Value("A document was shared with you").Key("Verdict").Value(verdict);
  });
}

AuditRecord RecordWriter::Alert(absl::Time time, std::string_view name, std::string_view severity,
                                std::string_view status, const Person& about) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = status == "Active" ? "AlertTriggered" : "AlertUpdated";
  common.record_type = 40;
  common.workload = "SecurityComplianceCenter";
  common.user_key = "SecurityComplianceAlerts";
  common.user_type = 4;
  common.user_id = "SecurityComplianceAlerts";
  common.result_status = "Succeeded";
  const std::string id = random_.Guid();
  common.object_id = id;
  return Write(common, [&](JsonWriter& json) {
    json.Key("AlertId").Value(id).Key("AlertLinks").BeginArray().EndArray();
    json.Key("AlertType").Value("System").Key("Category").Value("ThreatManagement");
    json.Key("Comments").Value("New alert");
    std::string data;
    JsonWriter inner(&data);
    inner.BeginObject().Key("f3u").Value(about.upn).Key("ts");
    inner.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", common.time, absl::UTCTimeZone()));
    inner.Key("tpt").Value("1").EndObject();
    json.Key("Data").Value(data).Key("Name").Value(name).Key("PolicyId").Value(random_.Guid());
    json.Key("Severity").Value(severity).Key("Source").Value("Office 365 Security & Compliance");
    json.Key("Status").Value(status);
  });
}

AuditRecord RecordWriter::MailOpenedByAnalyst(const Person& actor, absl::Time time) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = "AdminMailAccess";
  common.record_type = 28;
  common.workload = "ThreatIntelligence";
  common.user_key = actor.puid;
  common.user_id = actor.upn;
  const std::string message = random_.Guid();
  common.object_id = message;
  return Write(common, [&](JsonWriter& json) {
    json.Key("ActionType").Value("Preview").Key("MailboxId").Value(random_.Guid());
    json.Key("NetworkMessageId").Value(message);
  });
}

AuditRecord RecordWriter::Quarantine(const Person& actor, absl::Time time,
                                     std::string_view operation, const Person& recipient) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = operation;
  common.record_type = 65;
  common.workload = "Quarantine";
  common.user_key = actor.puid;
  common.user_id = actor.upn;
  const std::string message = random_.Guid();
  common.object_id = message;
  return Write(common, [&](JsonWriter& json) {
    const int request = operation == "QuarantinePreview"  ? 0
                        : operation == "QuarantineDelete" ? 1
                        : operation == "QuarantineExport" ? 3
                                                          : 2;
    json.Key("NetworkMessageId").Value(message).Key("ReleaseTo").Value(recipient.upn);
    json.Key("RequestSource").Value(0).Key("RequestType").Value(request);
  });
}

AuditRecord RecordWriter::DlpMatch(const Person& person, absl::Time time, std::string_view severity,
                                   std::string_view recipient) {
  Common common;
  common.time = time;
  common.content_type = kDlp;
  common.operation = "DlpRuleMatch";
  common.record_type = 13;
  common.workload = "Exchange";
  common.user_key = "1153801120262940217";
  common.user_type = 4;
  common.user_id = person.upn;
  const std::string message = MessageId();
  common.object_id = message;
  return Write(common, [&](JsonWriter& json) {
    json.Key("ExchangeMetaData").BeginObject().Key("From").Value(person.upn).Key("MessageID");
    json.Value(message).Key("Subject").Value(FileName()).Key("To").BeginArray().Value(recipient);
    json.EndArray().EndObject().Key("IncidentId").Value(random_.Guid());
    json.Key("PolicyDetails").BeginArray().BeginObject().Key("PolicyId").Value(random_.Guid());
    json.Key("PolicyName").Value("Customer data").Key("Rules").BeginArray().BeginObject();
    json.Key("Actions").BeginArray().Value("NotifyUser").EndArray();
    json.Key("RuleId").Value(random_.Guid()).Key("RuleName").Value("Account numbers");
    json.Key("Severity").Value(severity).EndObject().EndArray().EndObject().EndArray();
    json.Key("SensitiveInfoDetectionIsIncluded").Value(true);
  });
}

AuditRecord RecordWriter::Discovery(const Person& actor, absl::Time time, std::string_view address,
                                    std::string_view operation, std::string_view name,
                                    std::string_view query) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = operation;
  common.record_type = 24;
  common.workload = "SecurityComplianceCenter";
  common.user_key = actor.puid;
  common.user_id = actor.upn;
  common.result_status = "Success";
  common.client_ip = std::string(address);
  common.object_id = std::string(name);
  return Write(common, [&](JsonWriter& json) {
    json.Key("Case").Value(name).Key("ClientApplication").Value("EMC");
    json.Key("ExchangeLocations").Value("All").Key("Query").Value(query);
    json.Key("StartTime");
    json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", common.time, absl::UTCTimeZone()));
  });
}

AuditRecord RecordWriter::TeamsCmdlet(const Person& actor, absl::Time time,
                                      std::string_view operation, const NameValues& parameters) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = operation;
  common.record_type = 23;
  common.workload = "SkypeForBusiness";
  common.user_key = actor.puid;
  common.user_type = 2;
  common.user_id = actor.upn;
  common.result_status = "Success";
  common.object_id = absl::StrCat(company_.tenant().domain, "\\Global");
  return Write(common, [&](JsonWriter& json) { WritePairs(json, "Parameters", parameters); });
}

AuditRecord RecordWriter::TeamsSetting(const Person& actor, absl::Time time,
                                       const PropertyChange& change) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = "TeamsTenantSettingChanged";
  common.record_type = 25;
  common.workload = "MicrosoftTeams";
  common.user_key = actor.object_id;
  common.user_id = actor.upn;
  common.object_id = change.name;
  return Write(common, [&](JsonWriter& json) {
    json.Key("Name").Value(change.name).Key("NewValue").Value(change.new_value);
    json.Key("OldValue").Value(change.old_value);
  });
}

AuditRecord RecordWriter::BotAdded(const Person& person, absl::Time time, std::string_view bot,
                                   const Site& team) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = "BotAddedToTeam";
  common.record_type = 25;
  common.workload = "MicrosoftTeams";
  common.user_key = person.object_id;
  common.user_id = person.upn;
  common.object_id = team.name;
  return Write(common, [&](JsonWriter& json) {
    json.Key("AddOnGuid").Value(random_.Guid()).Key("AddOnName").Value(bot);
    json.Key("AddOnType").Value(1).Key("TeamGuid");
    json.Value(absl::StrCat("19:", LowerAscii(random_.Hex(32)), "@thread.tacv2"));
    json.Key("TeamName").Value(team.name);
  });
}

AuditRecord RecordWriter::ForeignChat(std::string_view user_id, std::string_view display_name,
                                      absl::Time time, const Person& person) {
  Common common;
  common.time = time;
  common.content_type = kGeneral;
  common.operation = "ChatCreated";
  common.record_type = 25;
  common.workload = "MicrosoftTeams";
  common.user_key = random_.Guid();
  common.user_id = std::string(user_id);
  const std::string chat = absl::StrCat("19:", LowerAscii(random_.Hex(32)), "@unq.gbl.spaces");
  common.object_id = chat;
  return Write(common, [&](JsonWriter& json) {
    json.Key("ChatThreadId").Value(chat).Key("CommunicationType").Value("OneOnOne");
    json.Key("Members").BeginArray();
    json.BeginObject().Key("DisplayName").Value(display_name).Key("Role").Value(1);
    json.Key("UPN").Value(user_id).EndObject();
    json.BeginObject().Key("DisplayName").Value(person.name).Key("Role").Value(1);
    json.Key("UPN").Value(person.upn).EndObject().EndArray();
    json.Key("ParticipantInfo").BeginObject().Key("HasForeignTenantUsers").Value(true);
    json.Key("HasGuestUsers").Value(false).Key("HasUnauthenticatedUsers").Value(false);
    json.Key("ParticipatingTenantIds").BeginArray().Value(company_.tenant().id);
    json.Value(random_.Guid()).EndArray().EndObject();
  });
}

}  // namespace picket::simulator
