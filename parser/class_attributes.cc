#include "parser/class_attributes.h"

#include "common/strings.h"
#include "common/tenant.h"
#include "parser/subject_facts.h"

namespace picket::parser {
namespace {

// Each method appends by an Appender of its own; those that are part of another take its.
struct ClassWriter {
  const RecordFacts& facts;
  Bytes& out;
  const AuditRecord& record = *facts.record;
  const JsonTokens& tokens = facts.tokens();
  const Mapping& mapping = facts.mapping;

  std::string_view Text(Field field) const { return record.Text(field); }
  std::string_view Modified(std::string_view name) const { return facts.Modified(name); }
  std::string_view Parameter(std::string_view name) const { return facts.Parameter(name); }

  void Write();
  [[gnu::always_inline]] inline void User(Appender& to, std::string_view key, std::string_view name,
                                          std::string_view uid, bool is_guest);
  void TargetUser(std::string_view key);
  void Privileges();
  void SplitInto(Appender& to, std::string_view escaped, char separator, bool& first);
  void AccessedResource();
  void Resource(std::string_view name, std::string_view uid, std::string_view type);
  void SignIn();
  void Account();
  void AuthFactors(Appender& to);
  [[gnu::always_inline]] inline void Named(Appender& to, NamedThing thing);
  void InboxRule();
  void Ai();
  void RuleNames(Appender& to, std::string_view otherwise);
  void Evidences();
  void Disposition();
  [[gnu::always_inline]] inline void Classifications(Appender& to);
  void Group();
  void Entity();
  void File();
  void WebResources();
  void Email();
  void Recipients(Appender& to, const MailFacts& mail);
  void Finding();
  void DataSecurity();
  void Policy();
  void Application();
};

void ClassWriter::User(Appender& to, std::string_view key, std::string_view name,
                       std::string_view uid, bool is_guest) {
  to.Put(key);
  to.Put("{");
  if (name.empty() && uid.empty()) name = "Unknown";
  bool comma = false;
  if (!name.empty()) {
    to.PutText("\"name\":", name);
    if (LooksLikeAddress(name)) to.PutText(",\"email_addr\":", name);
    comma = true;
  }
  if (!uid.empty()) to.PutText(comma ? ",\"uid\":" : "\"uid\":", uid);
  if (is_guest) to.Put(",\"type_id\":99,\"type\":\"Guest\"");
  to.Put("}");
}

void ClassWriter::TargetUser(std::string_view key) {
  Appender to(out);
  const NamedThing target = TargetUserOf(facts);
  User(to, key, target.name, target.uid, mapping.label == "guest_invited");
}

void ClassWriter::SplitInto(Appender& to, std::string_view escaped, char separator, bool& first) {
  while (!escaped.empty()) {
    const size_t cut = escaped.find(separator);
    std::string_view one = TrimBlanks(escaped.substr(0, cut));
    if (!one.empty() && !HasNeededEscapes(one)) {
      to.PutText(first ? "" : ",", one);
      first = false;
    }
    if (cut == std::string_view::npos) break;
    escaped.remove_prefix(cut + 1);
  }
}

void ClassWriter::Privileges() {
  Appender to(out);
  to.Put(",\"privileges\":[");
  bool first = true;
  const auto one = [&](std::string_view text) {
    if (text.empty()) return;
    to.PutText(first ? "" : ",", text);
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
        SplitInto(to, Unlisted(FirstOf(scope->value, scope->old_value)), ' ', first);
      break;
    }
    case Subject::kConsent: {
      std::string_view text = Modified("ConsentAction.Permissions");
      static constexpr std::string_view kScope = "Scope: ";
      for (size_t at = text.find(kScope); at != std::string_view::npos; at = text.find(kScope)) {
        text.remove_prefix(at + kScope.size());
        const size_t end = text.find_first_of(",]");
        SplitInto(to, text.substr(0, end), ' ', first);
      }
      break;
    }
    case Subject::kMailboxPermission:
      SplitInto(to, Parameter("AccessRights"), ',', first);
      break;
    case Subject::kFolderPermission: {
      const JsonValue rights = tokens.Member(PermissionFolder(facts), "MemberRights");
      if (rights.is_text()) SplitInto(to, rights.inner(), ',', first);
      break;
    }
    case Subject::kRoleAssignment:
      one(FirstOf(Parameter("Role"), Parameter("Identity")));
      break;
    default:
      one(mapping.detail);
  }
  if (first) one("Unknown");
  to.Put("]");
}

// {"name":…,"uid":…}
void ClassWriter::Named(Appender& to, NamedThing thing) {
  if (!thing.known()) thing.name = "Unknown";
  to.Put("{");
  to.PutIfText("\"name\":", thing.name);
  to.PutIfText(thing.name.empty() ? "\"uid\":" : ",\"uid\":", thing.uid);
  to.Put("}");
}

void ClassWriter::Resource(std::string_view name, std::string_view uid, std::string_view type) {
  if (name.empty() && uid.empty()) return;
  Appender to(out);
  to.Put(",\"resources\":[");
  Named(to, {name, uid});
  to.Cut(to.size() - 1);
  to.PutIfText(",\"type\":", type);
  to.Put("}]");
}

void ClassWriter::SignIn() {
  Appender to(out);
  const std::string_view application = FirstOf(Text(Field::kApplicationId), Text(Field::kObjectId));
  to.Put(",\"service\":");
  if (!mapping.detail.empty()) {
    Named(to, {mapping.detail, Text(Field::kApplicationId)});
  } else if (!application.empty()) {
    Named(to, {{}, application});
  } else {
    Named(to, {FirstOf(facts.workload, "Microsoft 365"), {}});
  }
  if (const std::string_view mailbox = Text(Field::kMailboxOwnerUPN); !mailbox.empty()) {
    to.PutText(",\"dst_endpoint\":{\"name\":", mailbox);
    to.PutIfText(",\"uid\":", Text(Field::kMailboxGuid));
    to.Put("}");
  }
  const std::string_view request = record.PairValue(Field::kExtendedProperties, "RequestType");
  if (!request.empty()) {
    if (request.find("OAuth2") != std::string_view::npos) {
      to.Put(",\"auth_protocol_id\":6");
    } else if (request.find("Saml") != std::string_view::npos) {
      to.Put(",\"auth_protocol_id\":5");
    } else {
      to.Put(",\"auth_protocol_id\":99");
    }
    to.PutText(",\"auth_protocol\":", request);
  }
  // A second factor: asked for by a "strong authentication service" request, or named among the steps.
  bool is_mfa = request.substr(0, 4) == "SAS:";
  const JsonValue& steps = record.Get(Field::kAuthDetails);
  tokens.ForEach(steps, [&](const JsonValue& step) {
    is_mfa |= step.raw.find("MultiFactor") != std::string_view::npos ||
              step.raw.find("multiFactor") != std::string_view::npos ||
              step.raw.find("Mfa") != std::string_view::npos;
  });
  if (is_mfa) {
    to.Put(",\"is_mfa\":true");
  } else if (steps.kind == JsonValue::kArray) {
    to.Put(",\"is_mfa\":false");
  }
}

// What an account is now.
void ClassWriter::Account() {
  Appender to(out);
  if (mapping.activity_id == 10 || mapping.activity_id == 11) AuthFactors(to);
  const std::string_view name = PropertyOf(facts, "UserPrincipalName");
  const std::string_view full_name = PropertyOf(facts, "DisplayName");
  const std::string_view mail = PropertyOf(facts, "Mail");
  if (record.Pairs(Field::kModifiedProperties).empty()) return;
  const NamedThing target = TargetUserOf(facts);
  if (!target.known() && name.empty()) return;
  to.Put(",\"user_result\":");
  Named(to, {FirstOf(name, target.name), target.uid});
  to.Cut(to.size() - 1);
  to.PutIfText(",\"full_name\":", full_name);
  if (LooksLikeAddress(mail)) to.PutText(",\"email_addr\":", mail);
  to.Put("}");
}

// The methods of StrongAuthenticationMethod, as the directory numbers them.
void ClassWriter::AuthFactors(Appender& to) {
  bool first = true;
  ForEachDecoded(facts.decoded, [&](std::string_view name, std::string_view value) {
    static constexpr std::string_view kPath = "ModifiedProperties.StrongAuthenticationMethod.";
    static constexpr std::string_view kKey = ".MethodType";
    if (name.substr(0, kPath.size()) != kPath || name.size() < kKey.size() ||
        name.substr(name.size() - kKey.size()) != kKey) {
      return;
    }
    to.Put(first ? std::string_view(",\"auth_factors\":[{\"factor_type_id\":")
                 : std::string_view(",{\"factor_type_id\":"));
    first = false;
    if (value == "0" || value == "2" || value == "5") {
      to.Put("3,\"factor_type\":\"Phone Call\"}");
    } else if (value == "6") {
      to.Put("1,\"factor_type\":\"SMS\"}");
    } else if (value == "7") {
      to.Put("5,\"factor_type\":\"Push Notification\"}");
    } else if (value == "3") {
      to.Put("7,\"factor_type\":\"OTP\"}");
    } else {
      to.Put("0,\"factor_type\":\"Unknown\"}");
    }
  });
  if (!first) to.Put("]");
}

// The rule and the mailbox that it stands in.
void ClassWriter::InboxRule() {
  Appender to(out);
  const std::string_view object = Text(Field::kObjectId);
  const std::string_view rule = FirstOf(
      FirstOf(object, Parameter("Identity")),
      FirstOf(record.PairValue(Field::kOperationProperties, "RuleName"), Parameter("Name")));
  // ObjectId is mailbox\rule, escaped.
  const size_t slash = FindLastBackslash(object);
  const std::string_view mailbox =
      FirstOf(FirstOf(Parameter("Mailbox"), Text(Field::kMailboxOwnerUPN)),
              slash == std::string_view::npos ? Text(Field::kUserId) : object.substr(0, slash));
  bool first = true;
  const auto resource = [&](NamedThing thing, std::string_view type) {
    if (!thing.known()) return;
    to.Put(first ? std::string_view(",\"resources\":[") : std::string_view(","));
    first = false;
    Named(to, thing);
    to.Cut(to.size() - 1);
    to.PutText(",\"type\":", type);
    to.Put("}");
  };
  resource({rule, record.PairValue(Field::kOperationProperties, "RuleId")}, "inbox rule");
  resource({mailbox, Text(Field::kMailboxGuid)}, "mailbox");
  if (!first) to.Put("]");
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
  Appender to(out);
  const NamedThing group = GroupOf(facts);
  to.Put(",\"group\":");
  Named(to, group);
  const NamedThing user = TargetUserOf(facts);
  if (user.known()) User(to, ",\"user\":", user.name, user.uid, false);
  if (mapping.activity_id != 1) return;
  JsonValue role;
  tokens.ForEach(record.Get(Field::kMembers), [&](const JsonValue& member) {
    if (role.kind == JsonValue::kAbsent) role = tokens.Member(member, "Role");
  });
  const std::string_view text = role.is_text() ? role.inner() : role.raw;
  if (role.kind != JsonValue::kText && role.kind != JsonValue::kNumber) return;
  to.PutText(",\"privileges\":[", text == "0"   ? "Member"
                                  : text == "1" ? "Owner"
                                  : text == "2" ? "Guest"
                                                : text);
  to.Put("]");
}

void ClassWriter::Entity() {
  Appender to(out);
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
  const auto type_of = [&] {
    to.PutText("\"type\":", mapping.detail);
    if (mapping.subject == Subject::kDevice) {
      to.Put(",\"type_id\":1");
    } else if (mapping.subject == Subject::kOrganization) {
      to.Put(",\"type_id\":4");
    } else if (mapping.subject == Subject::kPolicy) {
      to.Put(",\"type_id\":5");
    } else {
      to.Put(",\"type_id\":99");
    }
  };
  to.Put(",\"entity\":{");
  type_of();
  to.PutIfText(",\"name\":", name);
  to.PutIfText(",\"uid\":", uid);
  switch (mapping.subject) {
    case Subject::kDevice:
      to.Put(",\"device\":{\"type_id\":0");
      to.PutIfText(",\"uid\":", uid);
      to.PutText(",\"name\":", name);
      to.Put("}");
      break;
    case Subject::kOrganization:
      to.Put(",\"org\":{");
      to.PutText("\"name\":", name);
      to.PutIfText(",\"uid\":", uid);
      to.Put("}");
      break;
    case Subject::kPolicy:
      to.Put(",\"policy\":{");
      to.PutText("\"name\":", name);
      to.PutIfText(",\"uid\":", uid);
      to.Put("}");
      break;
    case Subject::kCredential: {
      to.Put(",\"data\":{\"key_ids\":[");
      bool first = true;
      static constexpr std::string_view kKey = "KeyIdentifier=";
      for (const NameValue& pair : record.Pairs(Field::kModifiedProperties)) {
        if (pair.name != "KeyDescription") continue;
        for (std::string_view text : {pair.value, pair.old_value}) {
          for (size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey)) {
            text.remove_prefix(at + kKey.size());
            const std::string_view id = text.substr(0, text.find_first_of(",]"));
            if (!IsGuid(id)) continue;
            to.PutText(first ? "" : ",", id);
            first = false;
          }
        }
      }
      to.Put("]}");
      break;
    }
    default:
      break;
  }
  to.Put("}");
  if (mapping.activity_id == 3 && !record.Pairs(Field::kModifiedProperties).empty()) {
    to.Put(",\"entity_result\":{");
    type_of();
    to.PutIfText(",\"name\":", FirstOf(Unlisted(Modified("DisplayName")), name));
    to.PutIfText(",\"uid\":", uid);
    to.Put("}");
  }
}

// The sensitivity label of a file or a mail.
void ClassWriter::Classifications(Appender& to) {
  const std::string_view uid = FirstOf(
      Text(Field::kSensitivityLabelId),
      facts.MemberText(record.Get(Field::kSensitivityLabelEventData), "SensitivityLabelId"));
  const std::string_view name = Text(Field::kLabelName);
  if (uid.empty() && name.empty()) return;
  to.PutText(",\"data_classifications\":[{\"confidentiality_id\":99,\"confidentiality\":",
             FirstOf(name, uid));
  to.PutIfText(",\"uid\":", uid);
  to.Put("}]");
}

void ClassWriter::File() {
  Appender to(out);
  const std::string_view object = Text(Field::kObjectId);
  std::string_view name = FileNameOf(facts);
  if (name.empty()) name = "Unknown";
  const std::string_view item_type = Text(Field::kItemType);
  to.PutText(",\"file\":{\"name\":", name);
  to.Put(",\"type_id\":");
  to.Put(item_type == "Folder" ? "2" : item_type.empty() || item_type == "File" ? "1" : "99");
  to.PutIfText(",\"ext\":", Text(Field::kSourceFileExtension));
  to.PutIfText(",\"path\":", object);
  to.PutIfText(",\"parent_folder\":", Text(Field::kSourceRelativeUrl));
  to.PutIfText(",\"uid\":", Text(Field::kListItemUniqueId));
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
  Classifications(to);
  to.Put("}");
  if (mapping.subject == Subject::kSharing) {
    if (const std::string_view permission = PermissionOf(facts); !permission.empty()) {
      to.PutText(",\"access_list\":[", permission);
      to.Put("]");
    }
  }
  const std::string_view new_name = Text(Field::kDestinationFileName);
  const std::string_view new_folder = Text(Field::kDestinationRelativeUrl);
  if (mapping.class_uid == 6006 && (!new_name.empty() || !new_folder.empty())) {
    to.PutText(",\"file_result\":{\"name\":", FirstOf(new_name, name));
    to.Put(item_type == "Folder" ? ",\"type_id\":2" : ",\"type_id\":1");
    to.PutIfText(",\"ext\":", Text(Field::kDestinationFileExtension));
    to.PutIfText(",\"parent_folder\":", new_folder);
    to.Put("}");
  }
}

void ClassWriter::WebResources() {
  Appender to(out);
  const size_t begin = to.size();
  to.Put(",\"web_resources\":[");
  bool first = true;
  const auto open = [&] {
    to.Put(first ? "{" : ",{");
    first = false;
  };
  // The item that starts at `token`; the token after it.
  const auto mail_item = [&](uint32_t token, std::string_view folder) {
    // A folder's path stands with each of its items: past the limit the event is lost anyway.
    if (tokens.at(token) != '{' || to.size() - begin > kLargestEvent) return tokens.EndOf(token);
    std::string_view message;
    std::string_view id;
    std::string_view subject;
    JsonValue parent;
    JsonValue size;
    const uint32_t end = tokens.EachMember(token, [&](std::string_view key, uint32_t value) {
      // The first of a name, as anywhere.
      const auto text = [&](std::string_view& kept) {
        if (kept.data() == nullptr) kept = tokens.Text(value);
        return tokens.EndOf(value);
      };
      if (key == "Id") return text(id);
      if (key == "InternetMessageId") return text(message);
      if (key == "Subject") return text(subject);
      if (key == "SizeInBytes" && size.kind == JsonValue::kAbsent) size = tokens.ValueAt(value);
      if (key == "ParentFolder" && parent.kind == JsonValue::kAbsent) {
        parent = tokens.ValueAt(value);
      }
      return tokens.EndOf(value);
    });
    if (message.empty() && id.empty() && subject.empty()) return end;
    open();
    to.PutText("\"type\":", "mail");
    to.PutIfText(",\"uid\":", FirstOf(message, id));
    to.PutIfText(",\"name\":", subject);
    if (!message.empty()) to.PutIfText(",\"uid_alt\":", id);
    std::string_view path = facts.MemberText(parent, "Path");
    if (path.empty()) path = folder;
    if (!path.empty() || size.kind == JsonValue::kNumber) {
      to.Put(",\"data\":{");
      to.PutIfText("\"folder\":", path);
      if (size.kind == JsonValue::kNumber) {
        to.Put(path.empty() ? "\"size\":" : ",\"size\":");
        to.Put(size.raw);
      }
      to.Put("}");
    }
    Classifications(to);
    to.Put("}");
    return end;
  };
  const auto mail_items = [&](const JsonValue& items) {
    if (items.kind != JsonValue::kArray) return;
    tokens.EachElement(items.token, [&](uint32_t item) { return mail_item(item, {}); });
  };
  // What a folder holds, by its path, which may stand behind it.
  const auto mail_folder = [&](uint32_t folder) {
    if (tokens.at(folder) != '{') return tokens.EndOf(folder);
    std::string_view path;
    uint32_t items = 0;
    const uint32_t end = tokens.EachMember(folder, [&](std::string_view key, uint32_t value) {
      if (key == "Path" && path.data() == nullptr) path = tokens.Text(value);
      if (key == "FolderItems" && items == 0) items = value;
      return tokens.EndOf(value);
    });
    if (items != 0 && tokens.at(items) == '[') {
      tokens.EachElement(items, [&](uint32_t item) { return mail_item(item, path); });
    }
    return end;
  };
  if (mapping.subject == Subject::kMailItems || mapping.subject == Subject::kMailItem) {
    if (const JsonValue& folders = record.Get(Field::kFolders); folders.kind == JsonValue::kArray) {
      tokens.EachElement(folders.token, mail_folder);
    }
    if (const JsonValue& item = record.Get(Field::kItem); item.kind == JsonValue::kObject) {
      mail_item(item.token, {});
    }
    mail_items(record.Get(Field::kAffectedItems));
    if (first && !Text(Field::kMailboxOwnerUPN).empty()) {
      open();
      to.PutText("\"type\":\"mailbox\",\"name\":", Text(Field::kMailboxOwnerUPN));
      to.PutIfText(",\"uid\":", Text(Field::kMailboxGuid));
      to.Put("}");
    }
  } else if (mapping.subject == Subject::kTeam) {
    const std::string_view name = FirstOf(Text(Field::kChannelName), Text(Field::kTeamName));
    const std::string_view uid = Text(Field::kTeamGuid);
    if (!name.empty() || !uid.empty()) {
      open();
      to.PutText("\"type\":", "channel");
      to.PutIfText(",\"name\":", name);
      to.PutIfText(",\"uid\":", uid);
      to.Put("}");
    }
  } else if (mapping.subject == Subject::kQuarantine) {
    const std::string_view uid = Text(Field::kNetworkMessageId);
    if (!uid.empty()) {
      open();
      to.PutText("\"type\":\"mail\",\"uid\":", uid);
      to.Put("}");
    }
  }
  if (first) {
    open();
    std::string_view name = Text(Field::kObjectId);
    const bool is_url = name.substr(0, 4) == "http";
    const std::string_view title =
        FirstOf(Text(Field::kReportName), FirstOf(Text(Field::kItemName), Text(Field::kQueryText)));
    if (!title.empty()) {
      to.PutText("\"name\":", title);
    } else {
      to.PutText("\"name\":", name.empty() ? facts.operation : name);
    }
    if (!name.empty()) to.PutText(",\"uid\":", name);
    if (is_url) to.PutText(",\"url_string\":", name);
    if (mapping.subject == Subject::kReport) {
      to.Put(",\"type\":\"report\"}");
      const std::string_view workspace = Text(Field::kWorkSpaceName);
      if (!workspace.empty()) {
        open();
        to.PutText("\"type\":\"workspace\",\"name\":", workspace);
        to.Put("}");
      }
    } else {
      to.PutIfText(",\"type\":", Text(Field::kItemType));
      if (mapping.subject == Subject::kSharing) {
        if (const std::string_view permission = PermissionOf(facts); !permission.empty()) {
          to.PutText(",\"data\":{\"permission\":", permission);
          to.Put("}");
        }
      }
      to.Put("}");
    }
  }
  to.Put("]");
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

void ClassWriter::Email() {
  Appender to(out);
  const MailFacts mail = MailOf(facts);
  const JsonValue& item = record.Get(Field::kItem);
  to.Put(",\"direction_id\":2,\"direction\":\"Outbound\"");
  to.PutText(",\"email\":{\"from\":", FirstOf(mail.from, "Unknown"));
  Recipients(to, mail);
  to.PutIfText(",\"sender\":", mail.sender);
  to.PutIfText(",\"subject\":", mail.subject);
  to.PutIfText(",\"message_uid\":", mail.message_id);
  to.PutIfText(",\"uid\":", facts.MemberText(item, "Id"));
  const JsonValue size = tokens.Member(item, "SizeInBytes");
  if (size.kind == JsonValue::kNumber) {
    to.Put(",\"size\":");
    to.Put(size.raw);
  }
  to.Put("}");
}

void ClassWriter::Recipients(Appender& to, const MailFacts& mail) {
  bool first = true;
  ForEachText(facts, *mail.recipients, [&](std::string_view recipient) {
    to.PutText(first ? std::string_view(",\"to\":[") : std::string_view(","), recipient);
    first = false;
  });
  if (!first) to.Put("]");
}

void ClassWriter::Finding() {
  Appender to(out);
  const auto [title, uid] = FindingOf(facts);
  to.Put(",\"finding_info\":{\"uid\":\"");
  if (uid.empty()) {
    to.Put(facts.frame->uid);
  } else {
    to.Put(uid);
  }
  to.Put("\"");
  if (mapping.subject == Subject::kDlp) {
    RuleNames(to, title);
  } else {
    to.PutText(",\"title\":", title);
  }
  if (mapping.subject == Subject::kInvestigation) to.Put(",\"types\":[\"investigation\"]");
  if (mapping.subject == Subject::kAlert) {
    if (const std::string_view category = Text(Field::kCategory); !category.empty()) {
      to.PutText(",\"types\":[", category);
      to.Put("]");
    }
    to.PutIfText(",\"product_uid\":", Text(Field::kPolicyId));
  }
  if (mapping.subject == Subject::kThreatMail) {  // "Phish: [Spoof]", one text or a list of them
    const JsonValue& threats = record.Get(Field::kThreatsAndDetectionTech);
    bool first = true;
    const auto threat = [&](std::string_view text) {
      to.PutText(first ? std::string_view(",\"types\":[") : std::string_view(","), text);
      first = false;
    };
    if (threats.is_text() && !threats.inner().empty()) threat(threats.inner());
    ForEachText(facts, threats, threat);
    if (!first) to.Put("]");
  }
  to.Put("}");
}

// The names of all rules that matched; `otherwise` when they have none.
void ClassWriter::RuleNames(Appender& to, std::string_view otherwise) {
  to.Put(",\"title\":\"");
  bool first = true;
  tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    tokens.ForEach(tokens.Member(policy, "Rules"), [&](const JsonValue& rule) {
      const std::string_view name = facts.MemberText(rule, "RuleName");
      if (name.empty()) return;
      if (!first) to.Put(", ");
      to.Put(name);
      first = false;
    });
  });
  if (first) to.Put(otherwise);
  to.Put("\"");
}

void ClassWriter::Evidences() {
  Appender to(out);
  to.Put(",\"is_alert\":true");
  if (const std::string_view verdict = Text(Field::kVerdict); !verdict.empty()) {
    to.PutText(",\"verdict_id\":99,\"verdict\":", verdict);
  }
  bool first = true;
  const auto open = [&] {
    to.Put(first ? std::string_view(",\"evidences\":[{") : std::string_view(",{"));
    first = false;
  };
  if (!facts.addresses.empty()) {
    open();
    to.Put("\"src_endpoint\":{");
    PutSource(to, facts);
    to.Put("}}");
  }
  const std::string_view entity = Text(Field::kAlertEntityId);
  const std::string_view entity_type = Text(Field::kEntityType);
  if (mapping.subject == Subject::kAlert && !entity.empty()) {
    open();
    if (entity_type == "User") {
      User(to, "\"user\":", entity, {}, false);
    } else if (entity_type == "Recipients") {
      to.PutText("\"email\":{\"to\":[", entity);
      to.Put("]}");
    } else if (entity_type == "File") {
      to.PutText("\"file\":{\"type_id\":1,\"name\":", entity);
      to.Put("}");
    } else {
      to.PutText("\"data\":{\"entity_type\":", FirstOf(entity_type, "Unknown"));
      to.PutText(",\"entity\":", entity);
      to.Put("}");
    }
    to.Put("}");
  }
  if (mapping.subject == Subject::kThreatMail) {
    const MailFacts mail = MailOf(facts);
    if (!mail.from.empty()) {
      open();
      to.PutText("\"email\":{\"from\":", mail.from);
      Recipients(to, mail);
      to.PutIfText(",\"subject\":", mail.subject);
      to.PutIfText(",\"message_uid\":", mail.message_id);
      to.Put("}}");
    }
  }
  if (mapping.subject == Subject::kThreatUrl) {
    if (const std::string_view url = FirstOf(Text(Field::kURL), Text(Field::kUrl)); !url.empty()) {
      open();
      to.PutText("\"url\":{\"url_string\":", url);
      to.Put("}}");
    }
  }
  std::string_view malware;
  if (mapping.subject == Subject::kMalware) {
    const JsonValue& data = record.Get(Field::kFileData);
    const std::string_view name = FirstOf(facts.MemberText(data, "FileName"), FileNameOf(facts));
    open();
    to.PutText("\"file\":{\"type_id\":1,\"name\":", FirstOf(name, "Unknown"));
    to.PutIfText(",\"path\":", FirstOf(facts.MemberText(data, "FilePath"), Text(Field::kObjectId)));
    to.Put("}}");
    malware = FirstOf(Text(Field::kVirusInfo), facts.MemberText(data, "MalwareFamily"));
  }
  if (!first) to.Put("]");
  if (!malware.empty()) {
    to.PutText(",\"malware\":[{\"classification_ids\":[0],\"name\":", malware);
    to.Put("}]");
  }
}

// What was done about it: by the actions of the rules, on an endpoint by the mode that they are enforced in.
void ClassWriter::Disposition() {
  Appender to(out);
  int64_t mode = 0;
  record.GetInteger(Field::kEnforcementMode, mode);
  bool any = false;
  bool blocked = mode == 2 || mode == 4;
  tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    tokens.ForEach(tokens.Member(policy, "Rules"), [&](const JsonValue& rule) {
      ForEachText(facts, tokens.Member(rule, "Actions"), [&](std::string_view action) {
        any = true;
        blocked |= action.find("Block") != std::string_view::npos;
      });
    });
  });
  if (blocked) {
    to.Put(",\"disposition_id\":2,\"disposition\":\"Blocked\"");
  } else if (mode == 3 || mode == 5) {
    to.Put(",\"disposition_id\":1,\"disposition\":\"Allowed\"");
  } else if (any) {
    to.Put(",\"disposition_id\":15,\"disposition\":\"Detected\"");
  } else {
    to.Put(",\"disposition_id\":17,\"disposition\":\"Logged\"");
  }
}

void ClassWriter::DataSecurity() {
  Finding();
  Disposition();
  Policy();
  // The file of SharePoint or the endpoint, the mail of Exchange.
  const JsonValue& site = record.Get(Field::kSharePointMetaData);
  if (const std::string_view path = facts.MemberText(site, "FilePathUrl"); !path.empty()) {
    out.PutText(",\"file\":{\"type_id\":1,\"name\":",
                FirstOf(facts.MemberText(site, "FileName"), path));
    out.PutText(",\"path\":", path);
    out.Put('}');
  } else if (!Text(Field::kObjectId).empty()) {
    File();
  }
  const JsonValue& mail = record.Get(Field::kExchangeMetaData);
  Resource(facts.MemberText(mail, "Subject"), facts.MemberText(mail, "MessageID"), "mail");
}

void ClassWriter::Policy() {
  Appender to(out);
  to.Put(
      ",\"data_security\":{\"detection_system_id\":99,\"detection_system\":\"Microsoft Purview "
      "DLP\"");
  bool first = true;
  tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    const std::string_view name = facts.MemberText(policy, "PolicyName");
    if (!first || name.empty()) return;
    to.PutText(",\"policy\":{\"name\":", name);
    to.PutIfText(",\"uid\":", facts.MemberText(policy, "PolicyId"));
    to.Put('}');
    first = false;
  });
  to.Put('}');
}

void ClassWriter::Application() {
  Appender to(out);
  to.PutText(",\"app\":{\"vendor_name\":\"Unknown\",\"name\":",
             FirstOf(Text(Field::kAddOnName), facts.operation));
  to.PutIfText(",\"uid\":", Text(Field::kAddOnGuid));
  to.Put('}');
}

// A prompt to Copilot and the answer.
void ClassWriter::Ai() {
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
  first = true;
  tokens.ForEach(tokens.Member(data, "AccessedResources"), [&](const JsonValue& one) {
    const std::string_view name =
        FirstOf(facts.MemberText(one, "Name"), facts.MemberText(one, "SiteUrl"));
    const std::string_view uid = facts.MemberText(one, "Id");
    if (name.empty() && uid.empty()) return;
    to.Put(first ? std::string_view(",\"resources\":[") : std::string_view(","));
    first = false;
    Named(to, {FirstOf(name, uid), uid});
    to.Cut(to.size() - 1);
    to.PutIfText(",\"type\":", facts.MemberText(one, "Type"));
    to.Put("}");
  });
  if (!first) to.Put("]");
}

void ClassWriter::Write() {
  switch (mapping.class_uid) {
    case 3002:
      TargetUser(",\"user\":");
      SignIn();
      break;
    case 3001:
      TargetUser(",\"user\":");
      Account();
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
      Application();
      break;
    case 6003:
      if (mapping.subject == Subject::kAi) {
        Ai();
      } else if (mapping.subject == Subject::kInboxRule) {
        InboxRule();
      } else {
        Resource(Text(Field::kObjectId), {}, {});
      }
      break;
    case 6006:
      File();
      break;
    case 2004:
      Finding();
      Evidences();
      break;
    case 2006:
      DataSecurity();
      break;
    default:
      break;
  }
}

}  // namespace

void WriteClassAttributes(const RecordFacts& facts, Bytes& out) { ClassWriter{facts, out}.Write(); }

}  // namespace picket::parser
