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

  template <typename Text>
  void Put(const Text& text) {
    out.Put(text);
  }
  template <typename Key>
  void PutKeyText(const Key& key, std::string_view escaped) {
    out.PutText(key, escaped);
  }
  template <typename Key>
  void PutIfText(const Key& key, std::string_view escaped) {
    if (!escaped.empty()) out.PutText(key, escaped);
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
  void SignIn();
  void Account();
  void AuthFactors();
  void Named(NamedThing thing);
  void InboxRule();
  void Ai();
  void RuleNames(std::string_view otherwise);
  void Evidences();
  void Disposition();
  void Classifications();
  void Group();
  void Entity();
  void File();
  void WebResources();
  void Email();
  void Recipients(const MailFacts& mail);
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
      const JsonValue rights = tokens.Member(PermissionFolder(facts), "MemberRights");
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

void ClassWriter::SignIn() {
  const std::string_view application = FirstOf(Text(Field::kApplicationId), Text(Field::kObjectId));
  Put(",\"service\":");
  if (!mapping.detail.empty()) {
    Named({mapping.detail, Text(Field::kApplicationId)});
  } else if (!application.empty()) {
    Named({{}, application});
  } else {
    Named({FirstOf(facts.workload, "Microsoft 365"), {}});
  }
  if (const std::string_view mailbox = Text(Field::kMailboxOwnerUPN); !mailbox.empty()) {
    PutKeyText(",\"dst_endpoint\":{\"name\":", mailbox);
    PutIfText(",\"uid\":", Text(Field::kMailboxGuid));
    Put("}");
  }
  const std::string_view request = record.PairValue(Field::kExtendedProperties, "RequestType");
  if (!request.empty()) {
    if (request.find("OAuth2") != std::string_view::npos) {
      Put(",\"auth_protocol_id\":6");
    } else if (request.find("Saml") != std::string_view::npos) {
      Put(",\"auth_protocol_id\":5");
    } else {
      Put(",\"auth_protocol_id\":99");
    }
    PutKeyText(",\"auth_protocol\":", request);
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
    Put(",\"is_mfa\":true");
  } else if (steps.kind == JsonValue::kArray) {
    Put(",\"is_mfa\":false");
  }
}

// What an account is now.
void ClassWriter::Account() {
  if (mapping.activity_id == 10 || mapping.activity_id == 11) AuthFactors();
  const std::string_view name = PropertyOf(facts, "UserPrincipalName");
  const std::string_view full_name = PropertyOf(facts, "DisplayName");
  const std::string_view mail = PropertyOf(facts, "Mail");
  if (record.Pairs(Field::kModifiedProperties).empty()) return;
  const NamedThing target = TargetUserOf(facts);
  if (!target.known() && name.empty()) return;
  Put(",\"user_result\":");
  Named({FirstOf(name, target.name), target.uid});
  out.Cut(out.size() - 1);
  PutIfText(",\"full_name\":", full_name);
  if (LooksLikeAddress(mail)) PutKeyText(",\"email_addr\":", mail);
  Put("}");
}

// The methods of StrongAuthenticationMethod, as the directory numbers them.
void ClassWriter::AuthFactors() {
  bool first = true;
  ForEachDecoded(facts.decoded, [&](std::string_view name, std::string_view value) {
    static constexpr std::string_view kPath = "ModifiedProperties.StrongAuthenticationMethod.";
    static constexpr std::string_view kKey = ".MethodType";
    if (name.substr(0, kPath.size()) != kPath || name.size() < kKey.size() ||
        name.substr(name.size() - kKey.size()) != kKey) {
      return;
    }
    Put(first ? std::string_view(",\"auth_factors\":[{\"factor_type_id\":")
              : std::string_view(",{\"factor_type_id\":"));
    first = false;
    if (value == "0" || value == "2" || value == "5") {
      Put("3,\"factor_type\":\"Phone Call\"}");
    } else if (value == "6") {
      Put("1,\"factor_type\":\"SMS\"}");
    } else if (value == "7") {
      Put("5,\"factor_type\":\"Push Notification\"}");
    } else if (value == "3") {
      Put("7,\"factor_type\":\"OTP\"}");
    } else {
      Put("0,\"factor_type\":\"Unknown\"}");
    }
  });
  if (!first) Put("]");
}

// The rule and the mailbox that it stands in.
void ClassWriter::InboxRule() {
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
    Put(first ? std::string_view(",\"resources\":[") : std::string_view(","));
    first = false;
    Named(thing);
    out.Cut(out.size() - 1);
    PutKeyText(",\"type\":", type);
    Put("}");
  };
  resource({rule, record.PairValue(Field::kOperationProperties, "RuleId")}, "inbox rule");
  resource({mailbox, Text(Field::kMailboxGuid)}, "mailbox");
  if (!first) Put("]");
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
  if (mapping.activity_id != 1) return;
  JsonValue role;
  tokens.ForEach(record.Get(Field::kMembers), [&](const JsonValue& member) {
    if (role.kind == JsonValue::kAbsent) role = tokens.Member(member, "Role");
  });
  const std::string_view text = role.is_text() ? role.inner() : role.raw;
  if (role.kind != JsonValue::kText && role.kind != JsonValue::kNumber) return;
  PutKeyText(",\"privileges\":[", text == "0"   ? "Member"
                                  : text == "1" ? "Owner"
                                  : text == "2" ? "Guest"
                                                : text);
  Put("]");
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
  const auto type_of = [&] {
    PutKeyText("\"type\":", mapping.detail);
    if (mapping.subject == Subject::kDevice) {
      Put(",\"type_id\":1");
    } else if (mapping.subject == Subject::kOrganization) {
      Put(",\"type_id\":4");
    } else if (mapping.subject == Subject::kPolicy) {
      Put(",\"type_id\":5");
    } else {
      Put(",\"type_id\":99");
    }
  };
  Put(",\"entity\":{");
  type_of();
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
    type_of();
    PutIfText(",\"name\":", FirstOf(Unlisted(Modified("DisplayName")), name));
    PutIfText(",\"uid\":", uid);
    Put("}");
  }
}

// The sensitivity label of a file or a mail.
void ClassWriter::Classifications() {
  const std::string_view uid = FirstOf(
      Text(Field::kSensitivityLabelId),
      facts.MemberText(record.Get(Field::kSensitivityLabelEventData), "SensitivityLabelId"));
  const std::string_view name = Text(Field::kLabelName);
  if (uid.empty() && name.empty()) return;
  PutKeyText(",\"data_classifications\":[{\"confidentiality_id\":99,\"confidentiality\":",
             FirstOf(name, uid));
  PutIfText(",\"uid\":", uid);
  Put("}]");
}

void ClassWriter::File() {
  const std::string_view object = Text(Field::kObjectId);
  std::string_view name = FileNameOf(facts);
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
  Classifications();
  Put("}");
  if (mapping.subject == Subject::kSharing) {
    if (const std::string_view permission = PermissionOf(facts); !permission.empty()) {
      PutKeyText(",\"access_list\":[", permission);
      Put("]");
    }
  }
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
  const size_t begin = out.size();
  Put(",\"web_resources\":[");
  bool first = true;
  const auto open = [&] {
    Put(first ? "{" : ",{");
    first = false;
  };
  const auto mail_item = [&](const JsonValue& item, std::string_view folder) {
    // A folder's path stands with each of its items: past the limit the event is lost anyway.
    if (item.kind != JsonValue::kObject || out.size() - begin > kLargestEvent) return;
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
    Classifications();
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
    if (mapping.subject == Subject::kReport) {
      Put(",\"type\":\"report\"}");
      const std::string_view workspace = Text(Field::kWorkSpaceName);
      if (!workspace.empty()) {
        open();
        PutKeyText("\"type\":\"workspace\",\"name\":", workspace);
        Put("}");
      }
    } else {
      PutIfText(",\"type\":", Text(Field::kItemType));
      if (mapping.subject == Subject::kSharing) {
        if (const std::string_view permission = PermissionOf(facts); !permission.empty()) {
          PutKeyText(",\"data\":{\"permission\":", permission);
          Put("}");
        }
      }
      Put("}");
    }
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
  const MailFacts mail = MailOf(facts);
  const JsonValue& item = record.Get(Field::kItem);
  Put(",\"direction_id\":2,\"direction\":\"Outbound\"");
  PutKeyText(",\"email\":{\"from\":", FirstOf(mail.from, "Unknown"));
  Recipients(mail);
  PutIfText(",\"sender\":", mail.sender);
  PutIfText(",\"subject\":", mail.subject);
  PutIfText(",\"message_uid\":", mail.message_id);
  PutIfText(",\"uid\":", facts.MemberText(item, "Id"));
  const JsonValue size = tokens.Member(item, "SizeInBytes");
  if (size.kind == JsonValue::kNumber) {
    Put(",\"size\":");
    Put(size.raw);
  }
  Put("}");
}

void ClassWriter::Recipients(const MailFacts& mail) {
  bool first = true;
  ForEachText(facts, *mail.recipients, [&](std::string_view recipient) {
    PutKeyText(first ? std::string_view(",\"to\":[") : std::string_view(","), recipient);
    first = false;
  });
  if (!first) Put("]");
}

void ClassWriter::Finding() {
  const auto [title, uid] = FindingOf(facts);
  Put(",\"finding_info\":{\"uid\":\"");
  if (uid.empty()) {
    Put(facts.frame->uid);
  } else {
    Put(uid);
  }
  Put("\"");
  if (mapping.subject == Subject::kDlp) {
    RuleNames(title);
  } else {
    PutKeyText(",\"title\":", title);
  }
  if (mapping.subject == Subject::kInvestigation) Put(",\"types\":[\"investigation\"]");
  if (mapping.subject == Subject::kAlert) {
    if (const std::string_view category = Text(Field::kCategory); !category.empty()) {
      PutKeyText(",\"types\":[", category);
      Put("]");
    }
    PutIfText(",\"product_uid\":", Text(Field::kPolicyId));
  }
  if (mapping.subject == Subject::kThreatMail) {  // "Phish: [Spoof]", one text or a list of them
    const JsonValue& threats = record.Get(Field::kThreatsAndDetectionTech);
    bool first = true;
    const auto threat = [&](std::string_view text) {
      PutKeyText(first ? std::string_view(",\"types\":[") : std::string_view(","), text);
      first = false;
    };
    if (threats.is_text() && !threats.inner().empty()) threat(threats.inner());
    ForEachText(facts, threats, threat);
    if (!first) Put("]");
  }
  Put("}");
}

// The names of all rules that matched; `otherwise` when they have none.
void ClassWriter::RuleNames(std::string_view otherwise) {
  Put(",\"title\":\"");
  bool first = true;
  tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    tokens.ForEach(tokens.Member(policy, "Rules"), [&](const JsonValue& rule) {
      const std::string_view name = facts.MemberText(rule, "RuleName");
      if (name.empty()) return;
      if (!first) Put(", ");
      Put(name);
      first = false;
    });
  });
  if (first) Put(otherwise);
  Put("\"");
}

void ClassWriter::Evidences() {
  Put(",\"is_alert\":true");
  if (const std::string_view verdict = Text(Field::kVerdict); !verdict.empty()) {
    PutKeyText(",\"verdict_id\":99,\"verdict\":", verdict);
  }
  bool first = true;
  const auto open = [&] {
    Put(first ? std::string_view(",\"evidences\":[{") : std::string_view(",{"));
    first = false;
  };
  if (!facts.addresses.empty()) {
    open();
    Put("\"src_endpoint\":{");
    {
      Appender to(out);
      PutSource(to, facts);
    }
    Put("}}");
  }
  const std::string_view entity = Text(Field::kAlertEntityId);
  const std::string_view entity_type = Text(Field::kEntityType);
  if (mapping.subject == Subject::kAlert && !entity.empty()) {
    open();
    if (entity_type == "User") {
      User("\"user\":", entity, {}, false);
    } else if (entity_type == "Recipients") {
      PutKeyText("\"email\":{\"to\":[", entity);
      Put("]}");
    } else if (entity_type == "File") {
      PutKeyText("\"file\":{\"type_id\":1,\"name\":", entity);
      Put("}");
    } else {
      PutKeyText("\"data\":{\"entity_type\":", FirstOf(entity_type, "Unknown"));
      PutKeyText(",\"entity\":", entity);
      Put("}");
    }
    Put("}");
  }
  if (mapping.subject == Subject::kThreatMail) {
    const MailFacts mail = MailOf(facts);
    if (!mail.from.empty()) {
      open();
      PutKeyText("\"email\":{\"from\":", mail.from);
      Recipients(mail);
      PutIfText(",\"subject\":", mail.subject);
      PutIfText(",\"message_uid\":", mail.message_id);
      Put("}}");
    }
  }
  if (mapping.subject == Subject::kThreatUrl) {
    if (const std::string_view url = FirstOf(Text(Field::kURL), Text(Field::kUrl)); !url.empty()) {
      open();
      PutKeyText("\"url\":{\"url_string\":", url);
      Put("}}");
    }
  }
  std::string_view malware;
  if (mapping.subject == Subject::kMalware) {
    const JsonValue& data = record.Get(Field::kFileData);
    const std::string_view name = FirstOf(facts.MemberText(data, "FileName"), FileNameOf(facts));
    open();
    PutKeyText("\"file\":{\"type_id\":1,\"name\":", FirstOf(name, "Unknown"));
    PutIfText(",\"path\":", FirstOf(facts.MemberText(data, "FilePath"), Text(Field::kObjectId)));
    Put("}}");
    malware = FirstOf(Text(Field::kVirusInfo), facts.MemberText(data, "MalwareFamily"));
  }
  if (!first) Put("]");
  if (!malware.empty()) {
    PutKeyText(",\"malware\":[{\"classification_ids\":[0],\"name\":", malware);
    Put("}]");
  }
}

// What was done about it: by the actions of the rules, on an endpoint by the mode that they are enforced in.
void ClassWriter::Disposition() {
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
    Put(",\"disposition_id\":2,\"disposition\":\"Blocked\"");
  } else if (mode == 3 || mode == 5) {
    Put(",\"disposition_id\":1,\"disposition\":\"Allowed\"");
  } else if (any) {
    Put(",\"disposition_id\":15,\"disposition\":\"Detected\"");
  } else {
    Put(",\"disposition_id\":17,\"disposition\":\"Logged\"");
  }
}

void ClassWriter::DataSecurity() {
  Finding();
  Disposition();
  Put(",\"data_security\":{\"detection_system_id\":99,\"detection_system\":\"Microsoft Purview "
      "DLP\"");
  bool first = true;
  tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    const std::string_view name = facts.MemberText(policy, "PolicyName");
    if (!first || name.empty()) return;
    PutKeyText(",\"policy\":{\"name\":", name);
    PutIfText(",\"uid\":", facts.MemberText(policy, "PolicyId"));
    Put("}");
    first = false;
  });
  Put("}");
  // The file of SharePoint or the endpoint, the mail of Exchange.
  const JsonValue& site = record.Get(Field::kSharePointMetaData);
  if (const std::string_view path = facts.MemberText(site, "FilePathUrl"); !path.empty()) {
    PutKeyText(",\"file\":{\"type_id\":1,\"name\":",
               FirstOf(facts.MemberText(site, "FileName"), path));
    PutKeyText(",\"path\":", path);
    Put("}");
  } else if (!Text(Field::kObjectId).empty()) {
    File();
  }
  const JsonValue& mail = record.Get(Field::kExchangeMetaData);
  Resource(facts.MemberText(mail, "Subject"), facts.MemberText(mail, "MessageID"), "mail");
}

// A prompt to Copilot and the answer.
void ClassWriter::Ai() {
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
             FirstOf(facts.MemberText(data, "AppHost"), FirstOf(facts.workload, "Copilot")));
  Put("}");
  PutIfText(",\"uid\":", facts.MemberText(data, "ThreadId"));
  Put("}");
  first = true;
  tokens.ForEach(tokens.Member(data, "AccessedResources"), [&](const JsonValue& one) {
    const std::string_view name =
        FirstOf(facts.MemberText(one, "Name"), facts.MemberText(one, "SiteUrl"));
    const std::string_view uid = facts.MemberText(one, "Id");
    if (name.empty() && uid.empty()) return;
    Put(first ? std::string_view(",\"resources\":[") : std::string_view(","));
    first = false;
    Named({FirstOf(name, uid), uid});
    out.Cut(out.size() - 1);
    PutIfText(",\"type\":", facts.MemberText(one, "Type"));
    Put("}");
  });
  if (!first) Put("]");
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
      PutKeyText(",\"app\":{\"vendor_name\":\"Unknown\",\"name\":",
                 Text(Field::kAddOnName).empty() ? facts.operation : Text(Field::kAddOnName));
      PutIfText(",\"uid\":", Text(Field::kAddOnGuid));
      Put("}");
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
