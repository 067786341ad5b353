#include "parser/class_attributes.h"

#include "common/strings.h"
#include "common/tenant.h"
#include "parser/subject_facts.h"

namespace picket::parser {
namespace {

struct ClassWriter {
  const RecordFacts& facts;
  Bytes& out;
  const AuditRecord& record = *facts.record;
  const JsonTokens& tokens = facts.tokens();
  const Mapping& mapping = facts.mapping;

  void Put(std::string_view text) { out.Put(text); }
  void PutKeyText(std::string_view key_with_colon, std::string_view escaped) {
    out.PutText(key_with_colon, escaped);
  }
  void PutIfText(std::string_view comma_key_colon, std::string_view escaped) {
    out.PutIfText(comma_key_colon, escaped);
  }
  std::string_view Text(Field field) const { return record.Text(field); }
  std::string_view Modified(std::string_view name) const { return facts.Modified(name); }
  std::string_view Parameter(std::string_view name) const { return facts.Parameter(name); }

  void Write();
  void User(std::string_view key, std::string_view name, std::string_view uid, bool is_guest);
  void TargetUser(std::string_view key);
  void Privileges();
  void SplitInto(std::string_view escaped, char separator, bool& first);
  void AccessedResource();
  void Resource(std::string_view name, std::string_view uid, std::string_view type);
  void Named(NamedThing thing);
  void Group();
  void Entity();
  void File();
  void WebResources();
  void Email();
  void Finding();
  void DataSecurity();
};

void ClassWriter::User(std::string_view key, std::string_view name, std::string_view uid,
                       bool is_guest) {
  Put(key);
  Put("{");
  if (name.empty() && uid.empty()) name = "Unknown";
  bool comma = false;
  if (!name.empty()) {
    PutKeyText("\"name\":", name);
    if (LooksLikeAddress(name)) PutKeyText(",\"email_addr\":", name);
    comma = true;
  }
  if (!uid.empty()) PutKeyText(comma ? ",\"uid\":" : "\"uid\":", uid);
  if (is_guest) Put(",\"type_id\":99,\"type\":\"Guest\"");
  Put("}");
}

void ClassWriter::TargetUser(std::string_view key) {
  const NamedThing target = TargetUserOf(facts);
  User(key, target.name, target.uid, mapping.label == "guest_invited");
}

void ClassWriter::SplitInto(std::string_view escaped, char separator, bool& first) {
  while (!escaped.empty()) {
    const size_t cut = escaped.find(separator);
    std::string_view one = TrimBlanks(escaped.substr(0, cut));
    if (!one.empty() && one.find('\\') == std::string_view::npos) {
      PutKeyText(first ? "" : ",", one);
      first = false;
    }
    if (cut == std::string_view::npos) break;
    escaped.remove_prefix(cut + 1);
  }
}

void ClassWriter::Privileges() {
  Put(",\"privileges\":[");
  bool first = true;
  const auto one = [&](std::string_view text) {
    if (text.empty()) return;
    PutKeyText(first ? "" : ",", text);
    first = false;
  };
  switch (mapping.subject) {
    case Subject::kRole: {
      // A removal has its names on the old side.
      const NameValue* const role = record.FindPair(Field::kModifiedProperties, "Role.DisplayName");
      if (role != nullptr) one(Unlisted(FirstOf(role->value, role->old_value)));
      if (first) {
        const NameValue* const id = record.FindPair(Field::kModifiedProperties, "Role.TemplateId");
        if (id != nullptr) one(Unlisted(FirstOf(id->value, id->old_value)));
      }
      break;
    }
    case Subject::kAppRole: {
      for (const std::string_view name : {"AppRole.Value", "AppRole.DisplayName", "AppRole.Id"}) {
        const NameValue* const role = record.FindPair(Field::kModifiedProperties, name);
        if (first && role != nullptr) one(Unlisted(FirstOf(role->value, role->old_value)));
      }
      break;
    }
    case Subject::kDelegatedGrant: {
      const NameValue* const scope =
          record.FindPair(Field::kModifiedProperties, "DelegatedPermissionGrant.Scope");
      if (scope != nullptr)
        SplitInto(Unlisted(FirstOf(scope->value, scope->old_value)), ' ', first);
      break;
    }
    case Subject::kConsent: {
      std::string_view text = Modified("ConsentAction.Permissions");
      static constexpr std::string_view kScope = "Scope: ";
      for (size_t at = text.find(kScope); at != std::string_view::npos; at = text.find(kScope)) {
        text.remove_prefix(at + kScope.size());
        const size_t end = text.find_first_of(",]");
        SplitInto(text.substr(0, end), ' ', first);
      }
      break;
    }
    case Subject::kMailboxPermission:
      SplitInto(Parameter("AccessRights"), ',', first);
      break;
    case Subject::kFolderPermission: {
      const JsonValue folder = tokens.Member(record.Get(Field::kItem), "ParentFolder");
      const JsonValue rights = tokens.Member(folder, "MemberRights");
      if (rights.is_text()) SplitInto(rights.inner(), ',', first);
      break;
    }
    case Subject::kRoleAssignment:
      one(FirstOf(Parameter("Role"), Parameter("Identity")));
      break;
    default:
      one(mapping.detail);
  }
  if (first) one("Unknown");
  Put("]");
}

// {"name":…,"uid":…}
void ClassWriter::Named(NamedThing thing) {
  if (!thing.known()) thing.name = "Unknown";
  Put("{");
  PutIfText("\"name\":", thing.name);
  PutIfText(thing.name.empty() ? "\"uid\":" : ",\"uid\":", thing.uid);
  Put("}");
}

void ClassWriter::Resource(std::string_view name, std::string_view uid, std::string_view type) {
  if (name.empty() && uid.empty()) return;
  Put(",\"resources\":[");
  Named({name, uid});
  out.Cut(out.size() - 1);
  PutIfText(",\"type\":", type);
  Put("}]");
}

// What the privileges are for.
void ClassWriter::AccessedResource() {
  switch (mapping.subject) {
    case Subject::kMailboxPermission:
      return Resource(FirstOf(Parameter("Identity"), Text(Field::kObjectId)), {}, "mailbox");
    case Subject::kFolderPermission: {
      const JsonValue folder = PermissionFolder(facts);
      return Resource(FirstOf(facts.MemberText(folder, "Path"), facts.MemberText(folder, "Name")),
                      facts.MemberText(folder, "Id"), "folder");
    }
    case Subject::kRoleAssignment:
      return Resource(FirstOf(Text(Field::kObjectId), Parameter("Name")), {}, "role");
    case Subject::kSiteAdmin:
      return Resource(FirstOf(Text(Field::kObjectId), Text(Field::kSiteUrl)), {}, "site");
    case Subject::kConsent: {
      const std::string_view object = Text(Field::kObjectId);
      return Resource(FirstOf(facts.target.name, object),
                      IsGuid(object) ? object : facts.target.guid, "application");
    }
    case Subject::kRole:
      return Resource(PropertyOf(facts, "Role.DisplayName"), PropertyOf(facts, "Role.TemplateId"),
                      "role");
    default:
      return Resource(
          FirstOf(PropertyOf(facts, "ServicePrincipal.DisplayName"),
                  FirstOf(PropertyOf(facts, "Application.DisplayName"), Text(Field::kObjectId))),
          FirstOf(PropertyOf(facts, "ServicePrincipal.ObjectID"),
                  PropertyOf(facts, "Application.ObjectID")),
          "application");
  }
}

void ClassWriter::Group() {
  const NamedThing group = GroupOf(facts);
  Put(",\"group\":");
  Named(group);
  const NamedThing user = TargetUserOf(facts);
  if (user.known()) User(",\"user\":", user.name, user.uid, false);
}

void ClassWriter::Entity() {
  const Identity& target = facts.target;
  std::string_view name = FirstOf(target.name, target.upn);
  std::string_view uid = target.guid;
  if (mapping.subject == Subject::kDevice) {
    name = FirstOf(Unlisted(Modified("Device.DisplayName")), name);
    uid = FirstOf(Unlisted(Modified("Device.ObjectID")), uid);
  }
  if (mapping.subject == Subject::kDomain && record.Has(Field::kParameters)) {
    name = FirstOf(Parameter("DomainName"), FirstOf(Parameter("Identity"), Parameter("Name")));
  }
  if (name.empty()) name = Text(Field::kObjectId);
  if (name.empty() && uid.empty()) name = "Unknown";
  Put(",\"entity\":{");
  PutKeyText("\"type\":", mapping.detail);
  PutIfText(",\"name\":", name);
  PutIfText(",\"uid\":", uid);
  switch (mapping.subject) {
    case Subject::kDevice:
      Put(",\"device\":{\"type_id\":0");
      PutIfText(",\"uid\":", uid);
      PutKeyText(",\"name\":", name);
      Put("}");
      break;
    case Subject::kOrganization:
      Put(",\"org\":{");
      PutKeyText("\"name\":", name);
      PutIfText(",\"uid\":", uid);
      Put("}");
      break;
    case Subject::kPolicy:
      Put(",\"policy\":{");
      PutKeyText("\"name\":", name);
      PutIfText(",\"uid\":", uid);
      Put("}");
      break;
    case Subject::kCredential: {
      Put(",\"data\":{\"key_ids\":[");
      bool first = true;
      static constexpr std::string_view kKey = "KeyIdentifier=";
      for (const NameValue& pair : record.Pairs(Field::kModifiedProperties)) {
        if (pair.name != "KeyDescription") continue;
        for (std::string_view text : {pair.value, pair.old_value}) {
          for (size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey)) {
            text.remove_prefix(at + kKey.size());
            const std::string_view id = text.substr(0, text.find_first_of(",]"));
            if (!IsGuid(id)) continue;
            PutKeyText(first ? "" : ",", id);
            first = false;
          }
        }
      }
      Put("]}");
      break;
    }
    default:
      break;
  }
  Put("}");
  if (mapping.activity_id == 3 && !record.Pairs(Field::kModifiedProperties).empty()) {
    Put(",\"entity_result\":{");
    PutKeyText("\"type\":", mapping.detail);
    PutIfText(",\"name\":", name);
    PutIfText(",\"uid\":", uid);
    Put("}");
  }
}

void ClassWriter::File() {
  const std::string_view object = Text(Field::kObjectId);
  std::string_view name = Text(Field::kSourceFileName);
  if (name.empty()) {
    // The last part of a URL or a path.
    const size_t slash = object.find_last_of("/\\");
    name = slash == std::string_view::npos ? object : object.substr(slash + 1);
    if (name.empty()) name = object;
  }
  if (name.empty()) name = "Unknown";
  const std::string_view item_type = Text(Field::kItemType);
  PutKeyText(",\"file\":{\"name\":", name);
  Put(",\"type_id\":");
  Put(item_type == "Folder" ? "2" : item_type.empty() || item_type == "File" ? "1" : "99");
  PutIfText(",\"ext\":", Text(Field::kSourceFileExtension));
  PutIfText(",\"path\":", object);
  PutIfText(",\"parent_folder\":", Text(Field::kSourceRelativeUrl));
  PutIfText(",\"uid\":", Text(Field::kListItemUniqueId));
  int64_t size = 0;
  if (record.GetInteger(Field::kFileSizeBytes, size) && size >= 0) {
    Put(",\"size\":");
    out.PutInteger(size);
  }
  if (object.substr(0, 4) == "http") {
    Put(",\"url\":{");
    PutKeyText("\"url_string\":", object);
    Put("}");
  }
  Put("}");
  const std::string_view new_name = Text(Field::kDestinationFileName);
  const std::string_view new_folder = Text(Field::kDestinationRelativeUrl);
  if (mapping.class_uid == 6006 && (!new_name.empty() || !new_folder.empty())) {
    PutKeyText(",\"file_result\":{\"name\":", FirstOf(new_name, name));
    Put(item_type == "Folder" ? ",\"type_id\":2" : ",\"type_id\":1");
    PutIfText(",\"ext\":", Text(Field::kDestinationFileExtension));
    PutIfText(",\"parent_folder\":", new_folder);
    Put("}");
  }
}

void ClassWriter::WebResources() {
  Put(",\"web_resources\":[");
  bool first = true;
  const auto open = [&] {
    Put(first ? "{" : ",{");
    first = false;
  };
  const auto mail_item = [&](const JsonValue& item, std::string_view folder) {
    if (item.kind != JsonValue::kObject) return;
    const std::string_view message = facts.MemberText(item, "InternetMessageId");
    const std::string_view id = facts.MemberText(item, "Id");
    const std::string_view subject = facts.MemberText(item, "Subject");
    if (message.empty() && id.empty() && subject.empty()) return;
    open();
    PutKeyText("\"type\":", "mail");
    PutIfText(",\"uid\":", FirstOf(message, id));
    PutIfText(",\"name\":", subject);
    if (!message.empty()) PutIfText(",\"uid_alt\":", id);
    const JsonValue parent = tokens.Member(item, "ParentFolder");
    std::string_view path = facts.MemberText(parent, "Path");
    if (path.empty()) path = folder;
    const JsonValue size = tokens.Member(item, "SizeInBytes");
    if (!path.empty() || size.kind == JsonValue::kNumber) {
      Put(",\"data\":{");
      PutIfText("\"folder\":", path);
      if (size.kind == JsonValue::kNumber) {
        Put(path.empty() ? "\"size\":" : ",\"size\":");
        Put(size.raw);
      }
      Put("}");
    }
    Put("}");
  };
  if (mapping.subject == Subject::kMailItems || mapping.subject == Subject::kMailItem) {
    tokens.ForEach(record.Get(Field::kFolders), [&](const JsonValue& folder) {
      const std::string_view path = facts.MemberText(folder, "Path");
      tokens.ForEach(tokens.Member(folder, "FolderItems"),
                     [&](const JsonValue& item) { mail_item(item, path); });
    });
    mail_item(record.Get(Field::kItem), {});
    tokens.ForEach(record.Get(Field::kAffectedItems),
                   [&](const JsonValue& item) { mail_item(item, {}); });
    if (first && !Text(Field::kMailboxOwnerUPN).empty()) {
      open();
      PutKeyText("\"type\":\"mailbox\",\"name\":", Text(Field::kMailboxOwnerUPN));
      PutIfText(",\"uid\":", Text(Field::kMailboxGuid));
      Put("}");
    }
  } else if (mapping.subject == Subject::kTeam) {
    const std::string_view name = FirstOf(Text(Field::kChannelName), Text(Field::kTeamName));
    const std::string_view uid = Text(Field::kTeamGuid);
    if (!name.empty() || !uid.empty()) {
      open();
      PutKeyText("\"type\":", "channel");
      PutIfText(",\"name\":", name);
      PutIfText(",\"uid\":", uid);
      Put("}");
    }
  } else if (mapping.subject == Subject::kQuarantine) {
    const std::string_view uid = Text(Field::kNetworkMessageId);
    if (!uid.empty()) {
      open();
      PutKeyText("\"type\":\"mail\",\"uid\":", uid);
      Put("}");
    }
  }
  if (first) {
    open();
    std::string_view name = Text(Field::kObjectId);
    const bool is_url = name.substr(0, 4) == "http";
    const std::string_view title =
        FirstOf(Text(Field::kReportName), FirstOf(Text(Field::kItemName), Text(Field::kQueryText)));
    if (!title.empty()) {
      PutKeyText("\"name\":", title);
    } else {
      PutKeyText("\"name\":", name.empty() ? facts.operation : name);
    }
    if (!name.empty()) PutKeyText(",\"uid\":", name);
    if (is_url) PutKeyText(",\"url_string\":", name);
    PutIfText(",\"type\":", Text(Field::kItemType));
    Put("}");
  }
  Put("]");
  const JsonValue destination = record.Get(Field::kDestFolder);
  if (const std::string_view path = facts.MemberText(destination, "Path"); !path.empty()) {
    PutKeyText(",\"web_resources_result\":[{\"type\":\"folder\",\"name\":", path);
    PutIfText(",\"uid\":", facts.MemberText(destination, "Id"));
    Put("}]");
  }
  int64_t count = 0;
  if (record.GetInteger(Field::kOperationCount, count) && count > 0) {
    Put(",\"count\":");
    out.PutInteger(count);
  }
}

void ClassWriter::Email() {
  std::string_view from =
      FirstOf(Text(Field::kSendAsUserSmtp), Text(Field::kSendOnBehalfOfUserSmtp));
  if (from.empty()) from = FirstOf(Text(Field::kMailboxOwnerUPN), Text(Field::kUserId));
  if (from.empty()) from = "Unknown";
  const JsonValue item = record.Get(Field::kItem);
  const auto text_of = [&](std::string_view member) { return facts.MemberText(item, member); };
  Put(",\"direction_id\":2,\"direction\":\"Outbound\"");
  PutKeyText(",\"email\":{\"from\":", from);
  bool first = true;
  tokens.ForEach(record.Get(Field::krecipientList), [&](const JsonValue& recipient) {
    if (!recipient.is_text()) return;
    PutKeyText(first ? ",\"to\":[" : ",", recipient.inner());
    first = false;
  });
  if (!first) Put("]");
  if (from != Text(Field::kUserId)) PutIfText(",\"sender\":", Text(Field::kUserId));
  PutIfText(",\"subject\":", text_of("Subject"));
  PutIfText(",\"message_uid\":", text_of("InternetMessageId"));
  PutIfText(",\"uid\":", text_of("Id"));
  const JsonValue size = tokens.Member(item, "SizeInBytes");
  if (size.kind == JsonValue::kNumber) {
    Put(",\"size\":");
    Put(size.raw);
  }
  Put("}");
}

void ClassWriter::Finding() {
  const auto [title, uid] = FindingOf(facts);
  Put(",\"finding_info\":{\"uid\":\"");
  if (uid.empty()) {
    out.PutEscaped(facts.frame->uid);
  } else {
    Put(uid);
  }
  Put("\"");
  PutKeyText(",\"title\":", title);
  if (mapping.subject == Subject::kInvestigation) Put(",\"types\":[\"investigation\"]");
  if (mapping.subject == Subject::kAlert) {
    const std::string_view category = Text(Field::kCategory);
    if (!category.empty()) {
      PutKeyText(",\"types\":[", category);
      Put("]");
    }
    PutIfText(",\"product_uid\":", Text(Field::kPolicyId));
  }
  Put("}");
  if (mapping.class_uid == 2006) return;
  Put(",\"is_alert\":true");
  bool first = true;
  const auto open = [&] {
    Put(first ? ",\"evidences\":[{" : ",{");
    first = false;
  };
  if (!facts.addresses.empty()) {
    open();
    Put("\"src_endpoint\":{");
    PutAddress(out, facts.addresses.front());
    Put("}}");
  }
  if (mapping.subject == Subject::kAlert || mapping.subject == Subject::kInvestigation) {
    const std::string_view entity = Text(Field::kAlertEntityId);
    if (!entity.empty() && Text(Field::kEntityType) == "User") {
      open();
      User("\"user\":", entity, {}, false);
      Put("}");
    }
  }
  if (mapping.subject == Subject::kThreatMail && !Text(Field::kP1Sender).empty()) {
    open();
    PutKeyText("\"email\":{\"from\":", FirstOf(Text(Field::kP2Sender), Text(Field::kP1Sender)));
    bool first_to = true;
    tokens.ForEach(record.Get(Field::kRecipients), [&](const JsonValue& recipient) {
      if (!recipient.is_text()) return;
      PutKeyText(first_to ? ",\"to\":[" : ",", recipient.inner());
      first_to = false;
    });
    if (!first_to) Put("]");
    PutIfText(",\"subject\":", Text(Field::kSubject));
    PutIfText(",\"message_uid\":", Text(Field::kInternetMessageId));
    Put("}}");
  }
  if (mapping.subject == Subject::kThreatUrl && !Text(Field::kUrl).empty()) {
    open();
    PutKeyText("\"url\":{\"url_string\":", Text(Field::kUrl));
    Put("}}");
  }
  if (mapping.subject == Subject::kMalware) {
    open();
    const std::string_view name = FirstOf(Text(Field::kSourceFileName), Text(Field::kObjectId));
    PutKeyText("\"file\":{\"type_id\":1,\"name\":", name.empty() ? "Unknown" : name);
    Put("}}");
  }
  if (!first) Put("]");
}

void ClassWriter::DataSecurity() {
  Finding();
  Put(",\"data_security\":{\"detection_system_id\":99,\"detection_system\":\"Microsoft Purview "
      "DLP\"");
  bool first = true;
  tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    if (!first) return;
    const JsonValue name = tokens.Member(policy, "PolicyName");
    const JsonValue uid = tokens.Member(policy, "PolicyId");
    if (!name.is_text()) return;
    PutKeyText(",\"policy\":{\"name\":", name.inner());
    if (uid.is_text()) PutKeyText(",\"uid\":", uid.inner());
    Put("}");
    first = false;
  });
  Put("}");
}

void ClassWriter::Write() {
  switch (mapping.class_uid) {
    case 3002: {
      User(",\"user\":", Text(Field::kUserId), {}, false);
      std::string_view service = FirstOf(Text(Field::kApplicationId), Text(Field::kObjectId));
      Put(",\"service\":{");
      if (!service.empty()) {
        PutKeyText("\"uid\":", service);
      } else {
        PutKeyText("\"name\":", facts.workload.empty() ? "Microsoft 365" : facts.workload);
      }
      Put("}");
      const std::string_view request = record.PairValue(Field::kExtendedProperties, "RequestType");
      if (!request.empty()) {
        Put(request.find("OAuth2") != std::string_view::npos ? ",\"auth_protocol_id\":6"
            : request.find("Saml") != std::string_view::npos ? ",\"auth_protocol_id\":5"
                                                             : ",\"auth_protocol_id\":99");
        PutKeyText(",\"auth_protocol\":", request);
      }
      break;
    }
    case 3001:
      TargetUser(",\"user\":");
      break;
    case 3005:
      TargetUser(",\"user\":");
      Privileges();
      AccessedResource();
      break;
    case 3006:
      Group();
      break;
    case 3004:
      Entity();
      break;
    case 4009:
      Email();
      break;
    case 6001:
      WebResources();
      break;
    case 6002:
      PutKeyText(",\"app\":{\"vendor_name\":\"Unknown\",\"name\":",
                 Text(Field::kAddOnName).empty() ? facts.operation : Text(Field::kAddOnName));
      PutIfText(",\"uid\":", Text(Field::kAddOnGuid));
      Put("}");
      break;
    case 6003:
      if (mapping.subject == Subject::kAi) {
        const JsonValue& data = record.Get(Field::kCopilotEventData);
        bool first = true;
        tokens.ForEach(tokens.Member(data, "ModelTransparencyDetails"), [&](const JsonValue& one) {
          const std::string_view name = facts.MemberText(one, "ModelName");
          if (!first || name.empty()) return;
          PutKeyText(",\"ai_model\":{\"ai_provider\":\"Microsoft\",\"name\":", name);
          Put("}");
          first = false;
        });
        if (first) Put(",\"ai_model\":{\"ai_provider\":\"Microsoft\",\"name\":\"Unknown\"}");
        PutKeyText(",\"message_context\":{\"service\":{\"name\":",
                   FirstOf(facts.MemberText(data, "AppHost"),
                           facts.workload.empty() ? "Copilot" : facts.workload));
        Put("}");
        PutIfText(",\"uid\":", facts.MemberText(data, "ThreadId"));
        Put("}");
        first = true;
        tokens.ForEach(tokens.Member(data, "AccessedResources"), [&](const JsonValue& one) {
          const std::string_view name =
              FirstOf(facts.MemberText(one, "Name"), facts.MemberText(one, "SiteUrl"));
          const std::string_view uid = facts.MemberText(one, "Id");
          if (name.empty() && uid.empty()) return;
          Put(first ? ",\"resources\":[{" : ",{");
          first = false;
          PutKeyText("\"name\":", FirstOf(name, uid));
          PutIfText(",\"uid\":", uid);
          PutIfText(",\"type\":", facts.MemberText(one, "Type"));
          Put("}");
        });
        if (!first) Put("]");
      } else {
        Resource(Text(Field::kObjectId), {}, {});
      }
      break;
    case 6006:
      File();
      break;
    case 2004:
      Finding();
      break;
    case 2006:
      DataSecurity();
      break;
    default:
      break;
  }
}

}  // namespace

void PutAddress(Bytes& out, const Address& address) {
  if (!address.ip.empty()) out.PutText("\"ip\":", address.ip);
  if (!address.hostname.empty()) {
    out.PutText(address.ip.empty() ? "\"hostname\":" : ",\"hostname\":", address.hostname);
  }
  if (address.port != 0) {
    out.Put(",\"port\":");
    out.PutInteger(address.port);
  }
}

void WriteClassAttributes(const RecordFacts& facts, Bytes& out) { ClassWriter{facts, out}.Write(); }

}  // namespace picket::parser
