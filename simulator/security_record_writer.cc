#include "simulator/security_record_writer.h"

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket::simulator {

AuditRecord SecurityRecordWriter::MailReadByAdministrator(const Person& actor, const Person& owner,
                                                          absl::Time time,
                                                          std::string_view address) {
  RecordHead head;
  head.time = time;
  head.content_type = kExchange;
  head.operation = "MailItemsAccessed";
  head.record_type = 50;
  head.workload = "Exchange";
  head.user_key = actor.puid;
  head.user_id = actor.upn;
  head.result_status = "Succeeded";
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("ClientIPAddress").Value(address).Key("ClientInfoString");
    json.Value("Client=WebServices;ExchangeServicesClient").Key("ExternalAccess").Value(false);
    json.Key("InternalLogonType").Value(0).Key("LogonType").Value(1);
    json.Key("LogonUserSid").Value(actor.sid).Key("MailboxGuid").Value(owner.mailbox_guid);
    json.Key("MailboxOwnerSid").Value(owner.sid).Key("MailboxOwnerUPN").Value(owner.upn);
    WritePairs(json, "OperationProperties", {{"MailAccessType", "Bind"}, {"IsThrottled", "False"}});
    json.Key("OrganizationName").Value(frame_.company.organization());
    json.Key("SessionId").Value(frame_.random.Guid()).Key("Folders").BeginArray().BeginObject();
    json.Key("FolderItems")
        .BeginArray()
        .BeginObject()
        .Key("InternetMessageId")
        .Value(frame_.MessageId());
    json.EndObject().EndArray().Key("Id").Value(frame_.ItemId("Lg")).Key("Path").Value("\\Inbox");
    json.EndObject().EndArray().Key("OperationCount").Value(1);
  });
}

AuditRecord SecurityRecordWriter::FolderPermissions(const Person& person, absl::Time time,
                                                    std::string_view folder,
                                                    std::string_view member,
                                                    std::string_view rights) {
  RecordHead head;
  head.time = time;
  head.content_type = kExchange;
  head.operation = "ModifyFolderPermissions";
  head.record_type = 2;
  head.workload = "Exchange";
  head.user_key = person.puid;
  head.user_id = person.upn;
  head.result_status = "Succeeded";
  head.client_ip = "::1";
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("ClientIPAddress")
        .Value("::1")
        .Key("ClientInfoString")
        .Value("Client=OWA;Action=ViaProxy");
    json.Key("ExternalAccess").Value(false).Key("InternalLogonType").Value(0);
    json.Key("LogonType").Value(0).Key("LogonUserSid").Value(person.sid);
    json.Key("MailboxGuid").Value(person.mailbox_guid).Key("MailboxOwnerSid").Value(person.sid);
    json.Key("MailboxOwnerUPN").Value(person.upn);
    json.Key("OrganizationName").Value(frame_.company.organization()).Key("Item").BeginObject();
    const std::string id = frame_.ItemId("Lg");
    json.Key("Id").Value(id).Key("ParentFolder").BeginObject().Key("Id").Value(id);
    json.Key("MemberRights").Value(rights).Key("MemberSid").Value("S-1-1-0");
    json.Key("MemberUpn").Value(member).Key("Name").Value(folder);
    json.Key("Path").Value(absl::StrCat("\\", ToAbsl(folder))).EndObject().EndObject();
  });
}

AuditRecord SecurityRecordWriter::OutlookRule(const Person& person, absl::Time time,
                                              std::string_view address, std::string_view name,
                                              std::string_view actions) {
  RecordHead head;
  head.time = time;
  head.content_type = kExchange;
  head.operation = "UpdateInboxRules";
  head.record_type = 2;
  head.workload = "Exchange";
  head.user_key = person.puid;
  head.user_id = person.upn;
  head.result_status = "Succeeded";
  head.client_ip = std::string(address);
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("ClientIPAddress").Value(address).Key("ClientInfoString");
    json.Value("Client=MSExchangeRPC").Key("ClientProcessName").Value("OUTLOOK.EXE");
    json.Key("ExternalAccess").Value(false).Key("InternalLogonType").Value(0);
    json.Key("LogonType").Value(0).Key("LogonUserSid").Value(person.sid);
    json.Key("MailboxGuid").Value(person.mailbox_guid).Key("MailboxOwnerSid").Value(person.sid);
    json.Key("MailboxOwnerUPN").Value(person.upn);
    WritePairs(json, "OperationProperties",
               {{"RuleOperation", "AddMailboxRule"},
                {"RuleId", absl::StrCat(frame_.random.Below(1'000'000'000))},
                {"RuleName", std::string(name)},
                {"RuleState", "Enabled"},
                {"RuleActions", std::string(actions)}});
    json.Key("OrganizationName").Value(frame_.company.organization());
    json.Key("SessionId").Value(frame_.random.Guid());
  });
}

AuditRecord SecurityRecordWriter::SharingPolicy(const Person& actor, absl::Time time,
                                                std::string_view address, const Site& site,
                                                const PropertyChange& change) {
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = "SharingPolicyChanged";
  head.record_type = 4;
  head.workload = "SharePoint";
  head.user_key = SharePointKey(actor);
  head.user_id = actor.upn;
  head.client_ip = std::string(address);
  head.object_id = site.url;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("Site").Key("Site").Value(site.site_id);
    json.Key("UserAgent").Value(actor.user_agent).Key("ModifiedProperties").BeginArray();
    json.BeginObject().Key("Name").Value(change.name).Key("NewValue").Value(change.new_value);
    json.Key("OldValue").Value(change.old_value).EndObject().EndArray();
  });
}

AuditRecord SecurityRecordWriter::PermissionLevel(const Person& actor, absl::Time time,
                                                  std::string_view address, const Site& site,
                                                  std::string_view level,
                                                  std::string_view permissions) {
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = "PermissionLevelAdded";
  head.record_type = 4;
  head.workload = "SharePoint";
  head.user_key = SharePointKey(actor);
  head.user_id = actor.upn;
  head.client_ip = std::string(address);
  head.object_id = site.url;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("Web").Key("Site").Value(site.site_id);
    json.Key("UserAgent").Value(actor.user_agent).Key("WebId").Value(site.web_id);
    json.Key("EventData")
        .Value(absl::StrCat("<PermissionLevel>", ToAbsl(level),
                            "</PermissionLevel><BasePermissions>", ToAbsl(permissions),
                            "</BasePermissions>"));
  });
}

AuditRecord SecurityRecordWriter::Search(const Person& person, absl::Time time,
                                         std::string_view address, std::string_view query) {
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = "SearchQueryPerformed";
  head.record_type = 4;
  head.workload = "SharePoint";
  head.user_key = SharePointKey(person);
  head.user_id = person.upn;
  head.client_ip = std::string(address);
  const Site& site = frame_.random.Pick(frame_.company.sites());
  head.object_id = absl::StrCat(site.url, "_layouts/15/search.aspx");
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("Page").Key("Site").Value(site.site_id);
    json.Key("UserAgent").Value(person.user_agent).Key("EventData");
    json.Value(absl::StrCat("<SearchQueryText>", ToAbsl(query), "</SearchQueryText>"));
  });
}

AuditRecord SecurityRecordWriter::Malware(const Person& person, absl::Time time,
                                          std::string_view address, const Site& site,
                                          std::string_view file_name, std::string_view virus) {
  RecordHead head;
  head.time = time;
  head.content_type = kSharePoint;
  head.operation = "FileMalwareDetected";
  head.record_type = 6;
  head.workload = site.name == "OneDrive" ? "OneDrive" : "SharePoint";
  head.user_key = SharePointKey(person);
  head.user_id = person.upn;
  head.client_ip = std::string(address);
  const std::string folder = FolderOf(site);
  head.object_id = absl::StrCat(site.url, folder, "/", ToAbsl(file_name));
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("CorrelationId").Value(frame_.random.Guid()).Key("EventSource").Value("SharePoint");
    json.Key("ItemType").Value("File").Key("ListItemUniqueId").Value(frame_.random.Guid());
    json.Key("Site").Value(site.site_id).Key("SiteUrl").Value(site.url);
    json.Key("SourceFileExtension").Value(file_name.substr(file_name.rfind('.') + 1));
    json.Key("SourceFileName").Value(file_name).Key("SourceRelativeUrl").Value(folder);
    json.Key("VirusInfo").Value(virus).Key("VirusVendor").Value("Default");
    json.Key("WebId").Value(site.web_id);
  });
}

AuditRecord SecurityRecordWriter::FileThreat(absl::Time time, const Site& site,
                                             std::string_view file_name) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = "AtpDetection";
  head.record_type = 47;
  head.workload = "ThreatIntelligence";
  head.user_key = "ThreatIntel";
  head.user_type = 4;
  head.user_id = "ThreatIntel";
  const std::string document = frame_.random.Guid();
  head.object_id = document;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("DetectionDate");
    json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", head.time, absl::UTCTimeZone()));
    json.Key("DetectionMethod").Value("Safe Attachments").Key("EventDeepLink");
    json.Value("https://security.microsoft.com/threatexplorer").Key("FileData").BeginObject();
    json.Key("DocumentId").Value(document).Key("FileName").Value(file_name);
    json.Key("FilePath").Value(absl::StrCat(site.url, FolderOf(site))).Key("FileVerdict").Value(1);
    json.Key("MalwareFamily")
        .Value("Example")
        .Key("SHA256")
        .Value(frame_.random.Hex(64))
        .EndObject();
    json.Key("SourceWorkload").Value(1);
  });
}

AuditRecord SecurityRecordWriter::MailThreat(absl::Time time, const Person& recipient,
                                             std::string_view sender, std::string_view verdict,
                                             std::string_view delivery) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = "TIMailData";
  head.record_type = 28;
  head.workload = "ThreatIntelligence";
  head.user_key = "ThreatIntel";
  head.user_type = 4;
  head.user_id = "ThreatIntel";
  const std::string message = frame_.random.Guid();
  head.object_id = absl::StrCat(message, frame_.random.Between(1'000'000'000, 9'000'000'000));
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("DeliveryAction").Value(delivery).Key("DetectionMethod").Value("Advanced filter");
    json.Key("DetectionType").Value("Inline").Key("InternetMessageId").Value(frame_.MessageId());
    json.Key("MessageTime");
    json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", head.time, absl::UTCTimeZone()));
    json.Key("NetworkMessageId").Value(message).Key("P1Sender").Value(sender);
    json.Key("P2Sender").Value(sender).Key("Recipients").BeginArray().Value(recipient.upn);
    json.EndArray().Key("SenderIp").Value("203.0.113.251");
    json.Key("Subject").Value("A document was shared with you").Key("Verdict").Value(verdict);
  });
}

AuditRecord SecurityRecordWriter::Alert(absl::Time time, std::string_view name,
                                        std::string_view severity, std::string_view status,
                                        const Person& about) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = status == "Active" ? "AlertTriggered" : "AlertUpdated";
  head.record_type = 40;
  head.workload = "SecurityComplianceCenter";
  head.user_key = "SecurityComplianceAlerts";
  head.user_type = 4;
  head.user_id = "SecurityComplianceAlerts";
  head.result_status = "Succeeded";
  const std::string id = frame_.random.Guid();
  head.object_id = id;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("AlertId").Value(id).Key("AlertLinks").BeginArray().EndArray();
    json.Key("AlertType").Value("System").Key("Category").Value("ThreatManagement");
    json.Key("Comments").Value("New alert");
    std::string data;
    JsonWriter inner(&data);
    inner.BeginObject().Key("f3u").Value(about.upn).Key("ts");
    inner.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", head.time, absl::UTCTimeZone()));
    inner.Key("tpt").Value("1").EndObject();
    json.Key("Data")
        .Value(data)
        .Key("Name")
        .Value(name)
        .Key("PolicyId")
        .Value(frame_.random.Guid());
    json.Key("Severity").Value(severity).Key("Source").Value("Office 365 Security & Compliance");
    json.Key("Status").Value(status);
  });
}

AuditRecord SecurityRecordWriter::MailOpenedByAnalyst(const Person& actor, absl::Time time) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = "AdminMailAccess";
  head.record_type = 28;
  head.workload = "ThreatIntelligence";
  head.user_key = actor.puid;
  head.user_id = actor.upn;
  const std::string message = frame_.random.Guid();
  head.object_id = message;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("ActionType").Value("Preview").Key("MailboxId").Value(frame_.random.Guid());
    json.Key("NetworkMessageId").Value(message);
  });
}

AuditRecord SecurityRecordWriter::Quarantine(const Person& actor, absl::Time time,
                                             std::string_view operation, const Person& recipient) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = operation;
  head.record_type = 65;
  head.workload = "Quarantine";
  head.user_key = actor.puid;
  head.user_id = actor.upn;
  const std::string message = frame_.random.Guid();
  head.object_id = message;
  return frame_.Write(head, [&](JsonWriter& json) {
    const int request = operation == "QuarantinePreview"  ? 0
                        : operation == "QuarantineDelete" ? 1
                        : operation == "QuarantineExport" ? 3
                                                          : 2;
    json.Key("NetworkMessageId").Value(message).Key("ReleaseTo").Value(recipient.upn);
    json.Key("RequestSource").Value(0).Key("RequestType").Value(request);
  });
}

AuditRecord SecurityRecordWriter::DlpMatch(const Person& person, absl::Time time,
                                           std::string_view severity, std::string_view recipient) {
  RecordHead head;
  head.time = time;
  head.content_type = kDlp;
  head.operation = "DlpRuleMatch";
  head.record_type = 13;
  head.workload = "Exchange";
  head.user_key = "1153801120262940217";
  head.user_type = 4;
  head.user_id = person.upn;
  const std::string message = frame_.MessageId();
  head.object_id = message;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("ExchangeMetaData").BeginObject().Key("From").Value(person.upn).Key("MessageID");
    json.Value(message)
        .Key("Subject")
        .Value(frame_.FileName())
        .Key("To")
        .BeginArray()
        .Value(recipient);
    json.EndArray().EndObject().Key("IncidentId").Value(frame_.random.Guid());
    json.Key("PolicyDetails")
        .BeginArray()
        .BeginObject()
        .Key("PolicyId")
        .Value(frame_.random.Guid());
    json.Key("PolicyName").Value("Customer data").Key("Rules").BeginArray().BeginObject();
    json.Key("Actions").BeginArray().Value("NotifyUser").EndArray();
    json.Key("RuleId").Value(frame_.random.Guid()).Key("RuleName").Value("Account numbers");
    json.Key("Severity").Value(severity).EndObject().EndArray().EndObject().EndArray();
    json.Key("SensitiveInfoDetectionIsIncluded").Value(true);
  });
}

AuditRecord SecurityRecordWriter::Discovery(const Person& actor, absl::Time time,
                                            std::string_view address, std::string_view operation,
                                            std::string_view name, std::string_view query) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = operation;
  head.record_type = 24;
  head.workload = "SecurityComplianceCenter";
  head.user_key = actor.puid;
  head.user_id = actor.upn;
  head.result_status = "Success";
  head.client_ip = std::string(address);
  head.object_id = std::string(name);
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("Case").Value(name).Key("ClientApplication").Value("EMC");
    json.Key("ExchangeLocations").Value("All").Key("Query").Value(query);
    json.Key("StartTime");
    json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", head.time, absl::UTCTimeZone()));
  });
}

AuditRecord SecurityRecordWriter::TeamsCmdlet(const Person& actor, absl::Time time,
                                              std::string_view operation,
                                              const NameValues& parameters) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = operation;
  head.record_type = 23;
  head.workload = "SkypeForBusiness";
  head.user_key = actor.puid;
  head.user_type = 2;
  head.user_id = actor.upn;
  head.result_status = "Success";
  head.object_id = absl::StrCat(frame_.company.tenant().domain, "\\Global");
  return frame_.Write(head, [&](JsonWriter& json) { WritePairs(json, "Parameters", parameters); });
}

AuditRecord SecurityRecordWriter::TeamsSetting(const Person& actor, absl::Time time,
                                               const PropertyChange& change) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = "TeamsTenantSettingChanged";
  head.record_type = 25;
  head.workload = "MicrosoftTeams";
  head.user_key = actor.object_id;
  head.user_id = actor.upn;
  head.object_id = change.name;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("Name").Value(change.name).Key("NewValue").Value(change.new_value);
    json.Key("OldValue").Value(change.old_value);
  });
}

AuditRecord SecurityRecordWriter::BotAdded(const Person& person, absl::Time time,
                                           std::string_view bot, const Site& team) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = "BotAddedToTeam";
  head.record_type = 25;
  head.workload = "MicrosoftTeams";
  head.user_key = person.object_id;
  head.user_id = person.upn;
  head.object_id = team.name;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("AddOnGuid").Value(frame_.random.Guid()).Key("AddOnName").Value(bot);
    json.Key("AddOnType").Value(1).Key("TeamGuid");
    json.Value(absl::StrCat("19:", LowerAscii(frame_.random.Hex(32)), "@thread.tacv2"));
    json.Key("TeamName").Value(team.name);
  });
}

AuditRecord SecurityRecordWriter::ForeignChat(std::string_view user_id,
                                              std::string_view display_name, absl::Time time,
                                              const Person& person) {
  RecordHead head;
  head.time = time;
  head.content_type = kGeneral;
  head.operation = "ChatCreated";
  head.record_type = 25;
  head.workload = "MicrosoftTeams";
  head.user_key = frame_.random.Guid();
  head.user_id = std::string(user_id);
  const std::string chat =
      absl::StrCat("19:", LowerAscii(frame_.random.Hex(32)), "@unq.gbl.spaces");
  head.object_id = chat;
  return frame_.Write(head, [&](JsonWriter& json) {
    json.Key("ChatThreadId").Value(chat).Key("CommunicationType").Value("OneOnOne");
    json.Key("Members").BeginArray();
    json.BeginObject().Key("DisplayName").Value(display_name).Key("Role").Value(1);
    json.Key("UPN").Value(user_id).EndObject();
    json.BeginObject().Key("DisplayName").Value(person.name).Key("Role").Value(1);
    json.Key("UPN").Value(person.upn).EndObject().EndArray();
    json.Key("ParticipantInfo").BeginObject().Key("HasForeignTenantUsers").Value(true);
    json.Key("HasGuestUsers").Value(false).Key("HasUnauthenticatedUsers").Value(false);
    json.Key("ParticipatingTenantIds").BeginArray().Value(frame_.company.tenant().id);
    json.Value(frame_.random.Guid()).EndArray().EndObject();
  });
}

}  // namespace picket::simulator
