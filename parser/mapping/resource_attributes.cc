#include "parser/mapping/resource_attributes.h"

#include <utility>

#include "common/strings.h"
#include "model/ocsf_class.h"

namespace picket::parser {
namespace {

// Writes the sensitivity label of a file or an email.
[[gnu::always_inline]] inline void PutClassifications(const RecordFacts& facts, Appender& to) {
  const AuditRecord& record = *facts.record;
  const std::string_view uid = FirstOf(
      FirstOf(
          record.Text(Field::kSensitivityLabelId),
          facts.MemberText(record.Get(Field::kSensitivityLabelEventData), "SensitivityLabelId")),
      record.Text(Field::kLabelId));
  const std::string_view name = record.Text(Field::kLabelName);
  if (uid.empty() && name.empty()) return;
  to.PutText(",\"data_classifications\":[{\"confidentiality_id\":99,\"confidentiality\":",
             FirstOf(name, uid));
  to.PutIfText(",\"uid\":", uid);
  to.Put("}]");
}

// Writes a list with one object {"name":…,"size":…} per attachment. `attachments` is text in the
// form that ForEachAttachment reads. `opening` has the same meaning as in OptionalList. `also`
// contains further members, which every object gets.
void PutAttachments(Appender& to, std::string_view opening, std::string_view attachments,
                    std::string_view also) {
  OptionalList list(to, opening);
  ForEachAttachment(attachments, [&](std::string_view name, int64_t size) {
    if (name.empty()) return;
    list.Next();
    to.PutText("{\"name\":", name);
    to.Put(also);
    if (size >= 0) {
      to.Put(",\"size\":");
      to.PutInteger(size);
    }
    to.Put("}");
  });
  list.Close();
}

// Writes {"type":…,"name":…,"uid":…}. Writes nothing if `thing` is not known.
void PutResource(Appender& to, OptionalList& list, std::string_view type, NamedThing thing) {
  if (!thing.known()) return;
  list.Next();
  to.PutText("{\"type\":", type);
  to.PutIfText(",\"name\":", thing.name);
  to.PutIfText(",\"uid\":", thing.uid);
  to.Put("}");
}

// Writes the item that starts at `token` as an email, or as a folder if the item describes no
// message. Returns the token after the item.
uint32_t PutMailItem(const RecordFacts& facts, uint32_t token, std::string_view folder,
                     bool is_changed, Appender& to, OptionalList& list) {
  const JsonTokens& tokens = facts.tokens();
  // Each item repeats the path of its folder, so a small record can become a large event. An event
  // that exceeds the limit is rejected. Therefore, items beyond the limit are not written.
  if (tokens.at(token) != '{' || list.bytes() > kLargestEvent) return tokens.EndOf(token);
  std::string_view message;
  std::string_view id;
  std::string_view subject;
  std::string_view attachments;
  JsonValue parent;
  JsonValue size;
  const uint32_t end = tokens.EachMember(token, [&](std::string_view key, uint32_t value) {
    // As everywhere, the first value of a repeated name is used.
    const auto text = [&](std::string_view& kept) {
      if (kept.data() == nullptr) kept = tokens.Text(value);
      return tokens.EndOf(value);
    };
    if (key == "Id") return text(id);
    if (key == "InternetMessageId") return text(message);
    if (key == "Subject") return text(subject);
    if (key == "Attachments") return text(attachments);
    if (key == "SizeInBytes" && size.kind == JsonValue::kAbsent) size = tokens.ValueAt(value);
    if (key == "ParentFolder" && parent.kind == JsonValue::kAbsent) parent = tokens.ValueAt(value);
    return tokens.EndOf(value);
  });
  id = KnownOrEmpty(id);
  const std::string_view path = FirstOf(facts.MemberText(parent, "Path"), folder);
  if (message.empty() && subject.empty()) {
    if (id.empty()) return end;
    if (EqualsInline(id, facts.MemberText(parent, "Id"))) {
      PutResource(to, list, "folder", {path, id});
      return end;
    }
  }
  list.Next();
  to.PutText("{\"type\":", "mail");
  to.PutIfText(",\"uid\":", FirstOf(message, id));
  to.PutIfText(",\"name\":", subject);
  if (!message.empty()) to.PutIfText(",\"uid_alt\":", id);
  to.Put(",\"data\":");
  const size_t data = to.size();
  to.PutIfText(",\"folder\":", path);
  if (size.kind == JsonValue::kNumber) {
    to.Put(",\"size\":");
    to.Put(size.raw);
  }
  if (!attachments.empty()) PutAttachments(to, ",\"attachments\":[", attachments, {});
  if (is_changed) {
    OptionalList names(to, ",\"modified_properties\":[");
    for (const NameValue& pair : facts.record->Pairs(Field::kModifiedProperties)) {
      if (pair.name.empty()) continue;
      names.Next();
      to.PutText("", pair.name);
    }
    names.Close();
  }
  if (to.size() == data) {
    to.Cut(data - std::string_view(",\"data\":").size());
  } else {
    to.data()[data] = '{';  // overwrites the first comma
    to.Put("}");
  }
  PutClassifications(facts, to);
  to.Put("}");
  return end;
}

// Writes the items of a folder, each with the path of the folder. Returns the token after the
// folder. The path may follow the items in the record, so the items are written last.
uint32_t PutMailFolder(const RecordFacts& facts, uint32_t folder, Appender& to,
                       OptionalList& list) {
  const JsonTokens& tokens = facts.tokens();
  if (tokens.at(folder) != '{') return tokens.EndOf(folder);
  std::string_view path;
  uint32_t items = 0;
  const uint32_t end = tokens.EachMember(folder, [&](std::string_view key, uint32_t value) {
    if (key == "Path" && path.data() == nullptr) path = tokens.Text(value);
    if (key == "FolderItems" && items == 0) items = value;
    return tokens.EndOf(value);
  });
  if (items != 0 && tokens.at(items) == '[') {
    tokens.EachElement(
        items, [&](uint32_t item) { return PutMailItem(facts, item, path, false, to, list); });
  }
  return end;
}

// Writes the items of a mailbox record. If the record has no items, writes its folders. If it has
// no folders either, writes the mailbox.
void PutMailItems(const RecordFacts& facts, Appender& to, OptionalList& list) {
  const AuditRecord& record = *facts.record;
  const JsonTokens& tokens = facts.tokens();
  const JsonValue& folders = record.Get(Field::kFolders);
  if (folders.kind == JsonValue::kArray) {
    tokens.EachElement(folders.token,
                       [&](uint32_t folder) { return PutMailFolder(facts, folder, to, list); });
  }
  if (const JsonValue& item = record.Get(Field::kItem); item.kind == JsonValue::kObject) {
    PutMailItem(facts, item.token, {}, facts.mapping.activity_id == ocsf::kWebUpdate, to, list);
  }
  if (const JsonValue& items = record.Get(Field::kAffectedItems); items.kind == JsonValue::kArray) {
    tokens.EachElement(
        items.token, [&](uint32_t item) { return PutMailItem(facts, item, {}, false, to, list); });
  }
  if (!list.empty()) return;
  const auto folder = [&](const JsonValue& one) {
    PutResource(to, list, "folder", {facts.MemberText(one, "Path"), facts.MemberText(one, "Id")});
  };
  tokens.ForEach(folders, folder);
  folder(record.Get(Field::kFolder));
  if (!list.empty()) return;
  PutResource(to, list, "mailbox",
              {record.Text(Field::kMailboxOwnerUPN), record.Text(Field::kMailboxGuid)});
}

// Writes the object that ObjectId identifies. If the record has a title, the title is the name of
// the object. Used if no other function has written a resource.
void PutPage(const RecordFacts& facts, Appender& to, OptionalList& list) {
  const AuditRecord& record = *facts.record;
  const bool is_mail = facts.mapping.subject == Subject::kMailItem;
  std::string_view uid = record.Text(Field::kObjectId);
  std::string_view title = FirstOf(record.Text(Field::kItemName), record.Text(Field::kQueryText));
  // Records of sensitivity labels and of the portal for encrypted mail have no list of items. They
  // have the email's id in MessageId and its subject in MailSubject.
  if (is_mail) {
    uid = FirstOf(uid, ScalarText(record.Get(Field::kMessageId)));
    title = FirstOf(title, record.PairValue(Field::kOperationProperties, "MailSubject"));
  }
  list.Next();
  to.PutText("{\"name\":", FirstOf(title, FirstOf(uid, facts.operation)));
  to.PutIfText(",\"uid\":", uid);
  if (uid.substr(0, 4) == "http") to.PutText(",\"url_string\":", uid);
  to.PutIfText(",\"type\":", FirstOf(ItemTypeOf(record), is_mail ? "mail" : ""));
  if (facts.mapping.subject == Subject::kSharing) {
    if (const std::string_view permission = PermissionOf(facts); !permission.empty()) {
      to.PutText(",\"data\":{\"permission\":", permission);
      to.Put("}");
    }
  }
  PutClassifications(facts, to);
  to.Put("}");
}

// Writes the report, the dashboard, the dataset and the workspace that the record names.
void PutReports(const RecordFacts& facts, Appender& to, OptionalList& list) {
  const AuditRecord& record = *facts.record;
  std::string_view object = record.Text(Field::kObjectId);
  const auto add = [&](std::string_view type, std::string_view name) {
    list.Next();
    to.PutText("{\"name\":", name);
    to.PutIfText(",\"uid\":", object);
    if (object.substr(0, 4) == "http") to.PutText(",\"url_string\":", object);
    to.PutText(",\"type\":", type);
    to.Put("}");
    object = {};  // ObjectId identifies only the first object
  };
  for (const auto& [field, type] :
       {std::pair<Field, std::string_view>{Field::kReportName, "report"},
        {Field::kDashboardName, "dashboard"},
        {Field::kDatasetName, "dataset"}}) {
    if (const std::string_view name = record.Text(field); !name.empty()) add(type, name);
  }
  if (list.empty()) {
    add("report", FirstOf(FirstOf(record.Text(Field::kItemName), object), facts.operation));
  }
  PutResource(to, list, "workspace", {record.Text(Field::kWorkSpaceName), {}});
}

// Writes the channel, or the team or group if the record names no channel. Then writes the message.
void PutChannel(const RecordFacts& facts, Appender& to, OptionalList& list) {
  const AuditRecord& record = *facts.record;
  const NamedThing channel = {record.Text(Field::kChannelName), record.Text(Field::kChannelGuid)};
  const NamedThing team = {FirstOf(record.Text(Field::kTeamName), record.Text(Field::kGroupName)),
                           record.Text(Field::kTeamGuid)};
  if (channel.known()) {
    PutResource(to, list, "channel", {channel.name, FirstOf(channel.uid, team.uid)});
  } else {
    PutResource(to, list, "team", team);
  }
  PutResource(to, list, "message", {{}, ScalarText(record.Get(Field::kMessageId))});
}

}  // namespace

void ResourceAttributes::File() {
  Appender to(out);
  const std::string_view object = Text(Field::kObjectId);
  const std::string_view name = FirstOf(FileNameOf(facts), "Unknown");
  const std::string_view item_type = ItemTypeOf(record);
  to.PutText(",\"file\":{\"name\":", name);
  to.Put(",\"type_id\":");
  to.Put(item_type == "Folder" ? "2" : item_type.empty() || item_type == "File" ? "1" : "99");
  to.PutIfText(",\"ext\":", Text(Field::kSourceFileExtension));
  to.PutIfText(",\"path\":", object);
  to.PutIfText(",\"parent_folder\":", Text(Field::kSourceRelativeUrl));
  to.PutIfText(",\"uid\":",
               FirstOf(Text(Field::kListItemUniqueId), ScalarText(record.Get(Field::kFileId))));
  int64_t size = 0;
  if (record.GetInteger(Field::kFileSizeBytes, size) && size >= 0) {
    to.Put(",\"size\":");
    to.PutInteger(size);
  }
  if (object.substr(0, 4) == "http") {
    to.Put(",\"url\":{");
    to.PutText("\"url_string\":", object);
    to.Put("}");
  }
  PutClassifications(facts, to);
  to.Put("}");
  if (mapping.subject == Subject::kSharing) {
    if (const std::string_view permission = PermissionOf(facts); !permission.empty()) {
      to.PutText(",\"access_list\":[", permission);
      to.Put("]");
    }
  }
  const std::string_view new_name = Text(Field::kDestinationFileName);
  const std::string_view new_folder = Text(Field::kDestinationRelativeUrl);
  if (mapping.class_uid == ocsf::kFileHostingActivity &&
      (!new_name.empty() || !new_folder.empty())) {
    to.PutText(",\"file_result\":{\"name\":", FirstOf(new_name, name));
    to.Put(item_type == "Folder" ? ",\"type_id\":2" : ",\"type_id\":1");
    to.PutIfText(",\"ext\":", Text(Field::kDestinationFileExtension));
    to.PutIfText(",\"parent_folder\":", new_folder);
    to.Put("}");
  }
}

void ResourceAttributes::WebResources() {
  Appender to(out);
  OptionalList list(to, ",\"web_resources\":[");
  switch (mapping.subject) {
    case Subject::kMailItems:
    case Subject::kMailItem:
      PutMailItems(facts, to, list);
      break;
    case Subject::kTeam:
      PutChannel(facts, to, list);
      break;
    case Subject::kQuarantine:
      PutResource(to, list, "mail", {{}, Text(Field::kNetworkMessageId)});
      break;
    case Subject::kReport:
      PutReports(facts, to, list);
      break;
    default:
      break;
  }
  if (list.empty()) PutPage(facts, to, list);
  list.Close();
  const JsonValue destination = record.Get(Field::kDestFolder);
  if (const std::string_view path = facts.MemberText(destination, "Path"); !path.empty()) {
    to.PutText(",\"web_resources_result\":[{\"type\":\"folder\",\"name\":", path);
    to.PutIfText(",\"uid\":", facts.MemberText(destination, "Id"));
    to.Put("}]");
  }
  int64_t count = 0;
  if (record.GetInteger(Field::kOperationCount, count) && count > 0) {
    to.Put(",\"count\":");
    to.PutInteger(count);
  }
}

void ResourceAttributes::Email() {
  Appender to(out);
  const MailFacts mail = MailOf(facts);
  const JsonValue& item = record.Get(Field::kItem);
  to.Put(",\"direction_id\":2,\"direction\":\"Outbound\"");
  to.PutText(",\"email\":{\"from\":", FirstOf(mail.from, "Unknown"));
  PutRecipients(to, facts, mail);
  to.PutIfText(",\"sender\":", mail.sender);
  to.PutIfText(",\"subject\":", mail.subject);
  to.PutIfText(",\"message_uid\":", mail.message_id);
  to.PutIfText(",\"uid\":", KnownOrEmpty(facts.MemberText(item, "Id")));
  const JsonValue size = tokens.Member(item, "SizeInBytes");
  if (size.kind == JsonValue::kNumber) {
    to.Put(",\"size\":");
    to.Put(size.raw);
  }
  PutAttachments(to, ",\"files\":[", facts.MemberText(item, "Attachments"), ",\"type_id\":1");
  to.Put("}");
}

void PutRecipients(Appender& to, const RecordFacts& facts, const MailFacts& mail) {
  OptionalList list(to, ",\"to\":[");
  ForEachRecipient(facts, mail, [&](std::string_view recipient) {
    list.Next();
    to.PutText("", recipient);
  });
  list.Close();
}

void ResourceAttributes::ApiObject() {
  switch (mapping.subject) {
    case Subject::kAi:
      return Ai();
    case Subject::kInboxRule:
      return InboxRule();
    case Subject::kDiscovery:
      return Discovery();
    default:
      return Resource({Text(Field::kObjectId), {}}, {});
  }
}

// Writes the rule and its mailbox.
void ResourceAttributes::InboxRule() {
  Appender to(out);
  const std::string_view object = Text(Field::kObjectId);
  const std::string_view rule = FirstOf(
      FirstOf(object, Parameter("Identity")),
      FirstOf(record.PairValue(Field::kOperationProperties, "RuleName"), Parameter("Name")));
  // ObjectId has the form mailbox\rule, and the backslash is escaped.
  const size_t slash = FindLastBackslash(object);
  const std::string_view mailbox =
      FirstOf(FirstOf(Parameter("Mailbox"), Text(Field::kMailboxOwnerUPN)),
              slash == std::string_view::npos ? Text(Field::kUserId) : object.substr(0, slash));
  OptionalList resources(to, kResources);
  Resource(to, resources, {rule, record.PairValue(Field::kOperationProperties, "RuleId")},
           "inbox rule");
  Resource(to, resources, {mailbox, Text(Field::kMailboxGuid)}, "mailbox");
  resources.Close();
}

// Writes the object that was searched, held or exported, and the case.
void ResourceAttributes::Discovery() {
  Appender to(out);
  OptionalList resources(to, kResources);
  const NamedThing object = {Text(Field::kObject1Name), Text(Field::kObject1Id)};
  if (object.known()) {
    Resource(to, resources, object, Text(Field::kObject1Type));
  } else {
    Resource(to, resources, {Text(Field::kObjectId), {}}, {});
  }
  Resource(to, resources, {Text(Field::kCaseName), Text(Field::kCaseId)}, "case");
  resources.Close();
}

void ResourceAttributes::Application() {
  Appender to(out);
  to.PutText(",\"app\":{\"vendor_name\":\"Unknown\",\"name\":",
             FirstOf(Text(Field::kAddOnName), facts.operation));
  to.PutIfText(",\"uid\":", Text(Field::kAddOnGuid));
  to.Put('}');
}

// Writes the context of a prompt to Copilot: the model, the thread, and the resources used for the
// answer.
void ResourceAttributes::Ai() {
  Appender to(out);
  const JsonValue& data = record.Get(Field::kCopilotEventData);
  bool first = true;
  tokens.ForEach(tokens.Member(data, "ModelTransparencyDetails"), [&](const JsonValue& one) {
    const std::string_view name = facts.MemberText(one, "ModelName");
    if (!first || name.empty()) return;
    to.PutText(",\"ai_model\":{\"ai_provider\":\"Microsoft\",\"name\":", name);
    to.Put("}");
    first = false;
  });
  if (first) to.Put(",\"ai_model\":{\"ai_provider\":\"Microsoft\",\"name\":\"Unknown\"}");
  to.PutText(",\"message_context\":{\"service\":{\"name\":",
             FirstOf(facts.MemberText(data, "AppHost"), FirstOf(facts.workload, "Copilot")));
  to.Put("}");
  to.PutIfText(",\"uid\":", facts.MemberText(data, "ThreadId"));
  to.Put("}");
  OptionalList resources(to, kResources);
  tokens.ForEach(tokens.Member(data, "AccessedResources"), [&](const JsonValue& one) {
    const std::string_view name =
        FirstOf(facts.MemberText(one, "Name"), facts.MemberText(one, "SiteUrl"));
    const std::string_view uid = facts.MemberText(one, "Id");
    Resource(to, resources, {FirstOf(name, uid), uid}, facts.MemberText(one, "Type"));
  });
  resources.Close();
}

}  // namespace picket::parser
