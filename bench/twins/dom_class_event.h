#pragma once

// Builds those attributes of an event that only its OCSF class has. dom_event.h builds the others.

#include <string_view>
#include <utility>

#include "bench/twins/dom_subject.h"

namespace picket::twins {

template <typename Dom>
struct DomClassEvent {
  using Value = typename Dom::Value;
  using Record = DomRecord<Dom>;

  Dom& dom;
  DomFacts<Dom>& facts;
  Value& event;
  Record& record = facts.record;
  const Mapping& mapping = facts.mapping;
  DomSubject<Dom> subject = {facts};

  void Add() {
    switch (mapping.class_uid) {
      case ocsf::kAccountChange:
        AddTargetUser();
        return AddAccount();
      case ocsf::kAuthentication:
        AddTargetUser();
        return AddSignIn();
      case ocsf::kEntityManagement:
        return AddEntity();
      case ocsf::kUserAccessManagement:
        AddTargetUser();
        AddPrivileges();
        return AddAccessedResource();
      case ocsf::kGroupManagement:
        return AddGroup();
      case ocsf::kEmailActivity:
        return AddEmail();
      case ocsf::kWebResourcesActivity:
        return AddWebResources();
      case ocsf::kApplicationLifecycle: {
        Value app =
            Named({FirstOf(Text(Field::kAddOnName), facts.operation), Text(Field::kAddOnGuid)});
        SetText(app, "vendor_name", "Unknown");
        return Set("app", std::move(app));
      }
      case ocsf::kApiActivity:
        if (mapping.subject == Subject::kAi) return AddAi();
        if (mapping.subject == Subject::kInboxRule) return AddInboxRule();
        if (mapping.subject == Subject::kDiscovery) return AddDiscovery();
        return AddResource({Text(Field::kObjectId), {}}, {});
      case ocsf::kFileHostingActivity:
        return AddFile();
      case ocsf::kDetectionFinding:
        AddFinding();
        return AddEvidences();
      case ocsf::kDataSecurityFinding:
        return AddDataSecurity();
      default:
        return;
    }
  }

  Value Source() {
    const PlainAddress& address = facts.addresses.front();
    Value source = dom.Object();
    SetIfText(source, "ip", address.ip);
    SetIfText(source, "hostname", address.hostname);
    if (address.port != 0) dom.Set(source, "port", dom.Number(address.port));
    return source;
  }

 private:
  std::string_view Text(Field field) const { return record.Text(field); }
  std::string_view Parameter(std::string_view name) const { return facts.Parameter(name); }
  std::string_view Property(std::string_view name) const { return facts.Property(name); }
  static std::string_view MemberText(const Value* object, std::string_view name) {
    return Record::MemberText(object, name);
  }
  void Set(std::string_view key, Value value) { dom.Set(event, key, std::move(value)); }
  void SetText(Value& object, std::string_view key, std::string_view text) {
    dom.Set(object, key, dom.Text(text));
  }
  void SetIfText(Value& object, std::string_view key, std::string_view text) {
    if (!text.empty()) SetText(object, key, text);
  }
  void SetNumber(Value& object, std::string_view key, int64_t number) {
    dom.Set(object, key, dom.Number(number));
  }
  Value Named(NamedOne thing) {
    if (!thing.known()) thing.name = "Unknown";
    Value object = dom.Object();
    SetIfText(object, "name", thing.name);
    SetIfText(object, "uid", thing.uid);
    return object;
  }
  Value OneOf(Value value) {
    Value list = dom.Array();
    dom.Push(list, std::move(value));
    return list;
  }
  Value Texts(const std::vector<std::string_view>& texts) {
    Value list = dom.Array();
    for (const std::string_view text : texts) dom.Push(list, dom.Text(text));
    return list;
  }
  Value User(const NamedOne& one) {
    Value user = Named(one);
    if (IsMailAddress(one.name)) SetText(user, "email_addr", one.name);
    return user;
  }

  void AddTargetUser() {
    Value user = User(subject.TargetUser());
    if (mapping.label == "guest_invited") {
      SetNumber(user, "type_id", 99);
      SetText(user, "type", "Guest");
    }
    Set("user", std::move(user));
  }

  void AddAccount() {
    if (mapping.activity_id == 10 || mapping.activity_id == 11) AddAuthFactors();
    const bool is_gone = mapping.activity_id == 6;
    if (is_gone || record.Pairs(Field::kModifiedProperties).empty()) return;
    const NamedOne target = subject.TargetUser();
    const std::string_view name = facts.NewValue("UserPrincipalName");
    if (!target.known() && name.empty()) return;
    Value result = Named({FirstOf(name, target.name), target.uid});
    SetIfText(result, "full_name", facts.NewValue("DisplayName"));
    const std::string_view mail = facts.NewValue("Mail");
    if (IsMailAddress(mail)) SetText(result, "email_addr", mail);
    Set("user_result", std::move(result));
  }

  void AddAuthFactors() {
    static constexpr std::string_view kPath = "ModifiedProperties.StrongAuthenticationMethod.";
    static constexpr std::string_view kKey = ".MethodType";
    Value factors = dom.Array();
    for (const Leaf& leaf : facts.decoded) {
      const std::string_view name = leaf.name;
      if (!StartsWith(name, kPath) || name.size() < kKey.size() ||
          name.substr(name.size() - kKey.size()) != kKey) {
        continue;
      }
      const auto& [type_id, type] =
          leaf.value == "0" || leaf.value == "2" || leaf.value == "5"
              ? std::pair<int, std::string_view>(3, "Phone Call")
          : leaf.value == "6" ? std::pair<int, std::string_view>(1, "SMS")
          : leaf.value == "7" ? std::pair<int, std::string_view>(5, "Push Notification")
          : leaf.value == "3" ? std::pair<int, std::string_view>(7, "OTP")
                              : std::pair<int, std::string_view>(0, "Unknown");
      Value factor = dom.Object();
      SetNumber(factor, "factor_type_id", type_id);
      SetText(factor, "factor_type", type);
      dom.Push(factors, std::move(factor));
    }
    if (Dom::Size(factors) > 0) Set("auth_factors", std::move(factors));
  }

  void AddSignIn() {
    std::string_view application =
        FirstOf(Text(Field::kApplicationId), KnownOrEmpty(Text(Field::kObjectId)));
    if (application == Text(Field::kUserId)) application = {};
    if (!mapping.detail.empty()) {
      Set("service", Named({mapping.detail, Text(Field::kApplicationId)}));
    } else if (!application.empty()) {
      Set("service", Named({{}, application}));
    } else {
      Set("service", Named({FirstOf(facts.workload, "Microsoft 365"), {}}));
    }
    if (!Text(Field::kMailboxOwnerUPN).empty()) {
      Set("dst_endpoint", Named({Text(Field::kMailboxOwnerUPN), Text(Field::kMailboxGuid)}));
    }
    static constexpr std::string_view kLogonTypes[] = {
        "Owner",         "Admin",      "Delegated",     "Transport",
        "SystemService", "BestAccess", "DelegatedAdmin"};
    const std::optional<int64_t> logon_type = record.Integer(Field::kLogonType);
    if (logon_type && *logon_type >= 0 && *logon_type <= 6) {
      SetNumber(event, "logon_type_id", 99);
      SetText(event, "logon_type", kLogonTypes[*logon_type]);
    }
    const std::string_view request = record.PairValue(Field::kExtendedProperties, "RequestType");
    if (!request.empty()) {
      SetNumber(event, "auth_protocol_id",
                Contains(request, "OAuth2") ? 6
                : Contains(request, "Saml") ? 5
                                            : 99);
      SetText(event, "auth_protocol", request);
    }
    bool is_mfa = StartsWith(request, "SAS:");
    const Value* const steps = record.Get(Field::kAuthDetails);
    Record::ForEach(steps, [&](const Value& step) {
      const std::string json = Dom::Dump(step);
      is_mfa |=
          Contains(json, "MultiFactor") || Contains(json, "multiFactor") || Contains(json, "Mfa");
    });
    if (is_mfa || (steps != nullptr && Dom::IsArray(*steps))) {
      Set("is_mfa", dom.Bool(is_mfa));
    }
  }

  // Returns the role or permission in a modified property: the new value, or the old value if the
  // role or permission was revoked.
  std::string_view Granted(std::string_view name) const {
    const Pair* const pair = record.FindPair(Field::kModifiedProperties, name);
    return pair == nullptr ? std::string_view()
                           : ReadListOfOne(FirstOf(pair->value, pair->old_value));
  }

  std::vector<std::string_view> PrivilegeNames() const {
    switch (mapping.subject) {
      case Subject::kRole:
        return {FirstOf(Granted("Role.DisplayName"), Granted("Role.TemplateId"))};
      case Subject::kAppRole:
        return {FirstOf(FirstOf(Granted("AppRole.Value"), Granted("AppRole.DisplayName")),
                        Granted("AppRole.Id"))};
      case Subject::kDelegatedGrant:
        return SplitPlain(Granted("DelegatedPermissionGrant.Scope"), ' ');
      case Subject::kConsent: {
        static constexpr std::string_view kScope = "Scope: ";
        std::vector<std::string_view> scopes;
        std::string_view text = facts.Modified("ConsentAction.Permissions");
        if (const size_t arrow = text.find("] => ["); arrow != std::string_view::npos) {
          text.remove_prefix(arrow + 6);
        }
        for (size_t at = text.find(kScope); at != std::string_view::npos; at = text.find(kScope)) {
          text.remove_prefix(at + kScope.size());
          for (const std::string_view scope :
               SplitPlain(text.substr(0, text.find_first_of(",]")), ' ')) {
            scopes.push_back(scope);
          }
        }
        return scopes;
      }
      case Subject::kMailboxPermission:
        return SplitPlain(Parameter("AccessRights"), ',');
      case Subject::kFolderPermission:
        return SplitPlain(MemberText(subject.PermissionFolder(), "MemberRights"), ',');
      case Subject::kRoleAssignment:
        return {FirstOf(mapping.detail, FirstOf(Parameter("Role"), Parameter("Identity")))};
      case Subject::kSiteAdmin:
        return {FirstOf(subject.OfEventData("PermissionLevel"), mapping.detail)};
      default:
        return {mapping.detail};
    }
  }

  void AddPrivileges() {
    std::vector<std::string_view> names = PrivilegeNames();
    if (names.empty() || names[0].empty()) names = {"Unknown"};
    Set("privileges", Texts(names));
  }

  void AddResource(NamedOne thing, std::string_view type) { AddResources({{thing, type}}); }

  void AddAccessedResource() {
    const std::string_view object = Text(Field::kObjectId);
    switch (mapping.subject) {
      case Subject::kMailboxPermission:
        return AddResource({FirstOf(Parameter("Identity"), object), {}},
                           FirstOf(mapping.detail, "mailbox"));
      case Subject::kFolderPermission: {
        const Value* const folder = subject.PermissionFolder();
        return AddResource({FirstOf(MemberText(folder, "Path"), MemberText(folder, "Name")),
                            MemberText(folder, "Id")},
                           "folder");
      }
      case Subject::kRoleAssignment:
        return AddResource({FirstOf(object, Parameter("Name")), {}},
                           mapping.label == "ediscovery" ? "case" : "role");
      case Subject::kSiteAdmin:
        if (mapping.label == "ediscovery") {
          return AddResource({FirstOf(Text(Field::kCaseName), object), Text(Field::kCaseId)},
                             "case");
        }
        if (!Text(Field::kWorkSpaceName).empty()) {
          return AddResource({Text(Field::kWorkSpaceName), {}}, "workspace");
        }
        return AddResource({FirstOf(object, Text(Field::kSiteUrl)), {}}, "site");
      case Subject::kConsent:
        return AddResource(
            {FirstOf(facts.target.name, object), IsGuid(object) ? object : facts.target.guid},
            "application");
      case Subject::kRole:
        return AddResource({Property("Role.DisplayName"), Property("Role.TemplateId")}, "role");
      default:
        break;
    }
    for (const std::string kind : {"ServicePrincipal", "Application", "Group"}) {
      const NamedOne one = {Property(kind + ".DisplayName"), Property(kind + ".ObjectID")};
      const bool is_group = kind == "Group";
      if (!one.known() || (is_group && mapping.subject != Subject::kOwner)) continue;
      return AddResource(one, is_group ? "group" : "application");
    }
    AddResource({object, {}}, "application");
  }

  void AddGroup() {
    Set("group", Named(subject.Group()));
    if (const NamedOne user = subject.TargetUser(); user.known()) Set("user", User(user));
    if (mapping.activity_id != 1) return;
    const Value* role = nullptr;
    Record::ForEach(record.Get(Field::kMembers), [&](const Value& member) {
      if (role == nullptr) role = Record::Member(&member, "Role");
    });
    if (role == nullptr || !(Dom::IsText(*role) || Dom::IsNumber(*role))) return;
    const std::string_view text = record.AsText(*role);
    Set("privileges", Texts({text == "0"   ? "Member"
                             : text == "1" ? "Owner"
                             : text == "2" ? "Guest"
                                           : text}));
  }

  void AddEntity() {
    std::string_view name = FirstOf(facts.target.name, facts.target.upn);
    std::string_view uid = facts.target.guid;
    NamedOne owner;
    if (mapping.subject == Subject::kDevice) {
      const NamedOne device = {ReadListOfOne(facts.Modified("Device.DisplayName")),
                               ReadListOfOne(facts.Modified("Device.ObjectID"))};
      const bool is_enrolled = mapping.activity_id == 6;
      if (is_enrolled && device.known() && !facts.target.upn.empty()) {
        owner = {facts.target.upn, facts.target.guid};
        name = device.name;
        uid = device.uid;
      } else {
        name = FirstOf(device.name, name);
        uid = FirstOf(device.uid, uid);
      }
    }
    if (mapping.subject == Subject::kOrganization) uid = FirstOf(Property("tenantId"), uid);
    if (mapping.subject == Subject::kDomain && record.Has(Field::kParameters)) {
      name = FirstOf(Parameter("DomainName"), FirstOf(Parameter("Identity"), Parameter("Name")));
    }
    if (!owner.known()) name = FirstOf(name, Text(Field::kObjectId));
    if (name.empty() && uid.empty()) name = "Unknown";
    const auto entity_named = [&](std::string_view entity_name) {
      Value entity = dom.Object();
      SetText(entity, "type", mapping.detail);
      SetNumber(entity, "type_id",
                mapping.subject == Subject::kDevice         ? 1
                : mapping.subject == Subject::kOrganization ? 4
                : mapping.subject == Subject::kPolicy       ? 5
                                                            : 99);
      SetIfText(entity, "name", entity_name);
      SetIfText(entity, "uid", uid);
      return entity;
    };
    Value entity = entity_named(name);
    const auto add_thing = [&](std::string_view key) { dom.Set(entity, key, Named({name, uid})); };
    if (mapping.subject == Subject::kDevice) {
      Value device = Named({FirstOf(name, uid), uid});
      SetNumber(device, "type_id", 0);
      if (owner.known()) dom.Set(device, "owner", User(owner));
      dom.Set(entity, "device", std::move(device));
    }
    if (mapping.subject == Subject::kOrganization) add_thing("org");
    if (mapping.subject == Subject::kPolicy) add_thing("policy");
    if (mapping.subject == Subject::kCredential) {
      Value data = dom.Object();
      dom.Set(data, "key_ids", Texts(KeyIds()));
      dom.Set(entity, "data", std::move(data));
    }
    Set("entity", std::move(entity));
    if (mapping.activity_id == 3 && !record.Pairs(Field::kModifiedProperties).empty()) {
      Set("entity_result", entity_named(FirstOf(facts.NewValue("DisplayName"), name)));
    }
  }

  std::vector<std::string_view> KeyIds() const {
    static constexpr std::string_view kKey = "KeyIdentifier=";
    std::vector<std::string_view> ids;
    for (const Pair& pair : record.Pairs(Field::kModifiedProperties)) {
      if (pair.name != "KeyDescription") continue;
      for (std::string_view text : {pair.value, pair.old_value}) {
        for (size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey)) {
          text.remove_prefix(at + kKey.size());
          const std::string_view id = text.substr(0, text.find_first_of(",]"));
          if (IsGuid(id)) ids.push_back(id);
        }
      }
    }
    return ids;
  }

  void AddInboxRule() {
    const std::string_view object = Text(Field::kObjectId);
    const auto property = [&](std::string_view name) {
      return record.PairValue(Field::kOperationProperties, name);
    };
    const size_t backslash = object.rfind('\\');  // an ObjectId has the form mailbox\rule
    const NamedOne rule = {FirstOf(FirstOf(object, Parameter("Identity")),
                                   FirstOf(property("RuleName"), Parameter("Name"))),
                           property("RuleId")};
    const NamedOne mailbox = {
        FirstOf(FirstOf(Parameter("Mailbox"), Text(Field::kMailboxOwnerUPN)),
                backslash == std::string_view::npos ? Text(Field::kUserId)
                                                    : object.substr(0, backslash)),
        Text(Field::kMailboxGuid)};
    AddResources({{rule, "inbox rule"}, {mailbox, "mailbox"}});
  }

  void AddDiscovery() {
    NamedOne object = {Text(Field::kObject1Name), Text(Field::kObject1Id)};
    std::string_view type = Text(Field::kObject1Type);
    if (!object.known()) {
      object = {Text(Field::kObjectId), {}};
      type = {};
    }
    AddResources({{object, type}, {{Text(Field::kCaseName), Text(Field::kCaseId)}, "case"}});
  }

  void AddResources(const std::vector<std::pair<NamedOne, std::string_view>>& things) {
    Value resources = dom.Array();
    for (const auto& [thing, type] : things) {
      if (!thing.known()) continue;
      Value resource = Named(thing);
      SetIfText(resource, "type", type);
      dom.Push(resources, std::move(resource));
    }
    if (Dom::Size(resources) > 0) Set("resources", std::move(resources));
  }

  void AddClassifications(Value& object) {
    const std::string_view uid = FirstOf(
        FirstOf(Text(Field::kSensitivityLabelId),
                MemberText(record.Get(Field::kSensitivityLabelEventData), "SensitivityLabelId")),
        Text(Field::kLabelId));
    const std::string_view name = Text(Field::kLabelName);
    if (uid.empty() && name.empty()) return;
    Value classification = dom.Object();
    SetNumber(classification, "confidentiality_id", 99);
    SetText(classification, "confidentiality", FirstOf(name, uid));
    SetIfText(classification, "uid", uid);
    dom.Set(object, "data_classifications", OneOf(std::move(classification)));
  }

  void AddFile() {
    const std::string_view object = Text(Field::kObjectId);
    const std::string_view name = FirstOf(subject.FileName(), "Unknown");
    const std::string_view item_type = facts.ItemType();
    Value file = dom.Object();
    SetText(file, "name", name);
    SetNumber(file, "type_id",
              item_type == "Folder"                      ? 2
              : item_type.empty() || item_type == "File" ? 1
                                                         : 99);
    SetIfText(file, "ext", Text(Field::kSourceFileExtension));
    SetIfText(file, "path", object);
    SetIfText(file, "parent_folder", Text(Field::kSourceRelativeUrl));
    SetIfText(file, "uid",
              FirstOf(Text(Field::kListItemUniqueId), subject.Scalar(record.Get(Field::kFileId))));
    const std::optional<int64_t> size = record.Integer(Field::kFileSizeBytes);
    if (size && *size >= 0) SetNumber(file, "size", *size);
    if (StartsWith(object, "http")) {
      Value url = dom.Object();
      SetText(url, "url_string", object);
      dom.Set(file, "url", std::move(url));
    }
    AddClassifications(file);
    Set("file", std::move(file));
    if (mapping.subject == Subject::kSharing && !subject.Permission().empty()) {
      Set("access_list", Texts({subject.Permission()}));
    }
    const std::string_view new_name = Text(Field::kDestinationFileName);
    const std::string_view new_folder = Text(Field::kDestinationRelativeUrl);
    if (mapping.class_uid != ocsf::kFileHostingActivity || (new_name.empty() && new_folder.empty()))
      return;
    Value result = dom.Object();
    SetText(result, "name", FirstOf(new_name, name));
    SetNumber(result, "type_id", item_type == "Folder" ? 2 : 1);
    SetIfText(result, "ext", Text(Field::kDestinationFileExtension));
    SetIfText(result, "parent_folder", new_folder);
    Set("file_result", std::move(result));
  }

  void AddNamed(Value& resources, std::string_view type, NamedOne thing) {
    if (!thing.known()) return;
    Value resource = Named(thing);
    SetText(resource, "type", type);
    dom.Push(resources, std::move(resource));
  }

  // Returns the attachments of a mail item as a list of files.
  Value Attachments(const Value* item, bool with_type) {
    Value files = dom.Array();
    for (const auto& [name, size] : subject.Attachments(MemberText(item, "Attachments"))) {
      if (name.empty()) continue;
      Value file = Named({name, {}});
      if (with_type) SetNumber(file, "type_id", 1);
      if (size >= 0) SetNumber(file, "size", size);
      dom.Push(files, std::move(file));
    }
    return files;
  }

  void AddMailItem(Value& resources, const Value* item, std::string_view folder,
                   bool is_changed = false) {
    const std::string_view message = MemberText(item, "InternetMessageId");
    const std::string_view id = KnownOrEmpty(MemberText(item, "Id"));
    const std::string_view mail_subject = MemberText(item, "Subject");
    const Value* const parent = Record::Member(item, "ParentFolder");
    const std::string_view path = FirstOf(MemberText(parent, "Path"), folder);
    if (message.empty() && mail_subject.empty()) {
      if (id.empty()) return;
      if (id == MemberText(parent, "Id")) return AddNamed(resources, "folder", {path, id});
    }
    Value mail = dom.Object();
    SetText(mail, "type", "mail");
    SetIfText(mail, "uid", FirstOf(message, id));
    SetIfText(mail, "name", mail_subject);
    if (!message.empty()) SetIfText(mail, "uid_alt", id);
    Value data = dom.Object();
    SetIfText(data, "folder", path);
    AddSize(data, item);
    if (Value files = Attachments(item, false); Dom::Size(files) > 0) {
      dom.Set(data, "attachments", std::move(files));
    }
    if (is_changed) {
      Value names = dom.Array();
      for (const Pair& pair : record.Pairs(Field::kModifiedProperties)) {
        if (!pair.name.empty()) dom.Push(names, dom.Text(pair.name));
      }
      if (Dom::Size(names) > 0) dom.Set(data, "modified_properties", std::move(names));
    }
    if (Dom::Size(data) > 0) dom.Set(mail, "data", std::move(data));
    AddClassifications(mail);
    dom.Push(resources, std::move(mail));
  }

  void AddSize(Value& object, const Value* item) {
    const Value* const size = Record::Member(item, "SizeInBytes");
    if (size != nullptr && Dom::IsNumber(*size)) dom.Set(object, "size", dom.Copy(*size));
  }

  // Adds the mail items of the record. If it has no items, adds its folders. If it has no folders
  // either, adds its mailbox.
  void AddMailItems(Value& resources) {
    const Value* const folders = record.Get(Field::kFolders);
    Record::ForEach(folders, [&](const Value& folder) {
      Record::ForEach(Record::Member(&folder, "FolderItems"), [&](const Value& item) {
        AddMailItem(resources, &item, MemberText(&folder, "Path"));
      });
    });
    AddMailItem(resources, record.Get(Field::kItem), {}, mapping.activity_id == 3);
    Record::ForEach(record.Get(Field::kAffectedItems),
                    [&](const Value& item) { AddMailItem(resources, &item, {}); });
    if (Dom::Size(resources) > 0) return;
    const auto add_folder = [&](const Value* folder) {
      AddNamed(resources, "folder", {MemberText(folder, "Path"), MemberText(folder, "Id")});
    };
    Record::ForEach(folders, [&](const Value& folder) { add_folder(&folder); });
    add_folder(record.Get(Field::kFolder));
    if (Dom::Size(resources) > 0) return;
    AddNamed(resources, "mailbox", {Text(Field::kMailboxOwnerUPN), Text(Field::kMailboxGuid)});
  }

  void AddChannel(Value& resources) {
    const NamedOne team = {FirstOf(Text(Field::kTeamName), Text(Field::kGroupName)),
                           Text(Field::kTeamGuid)};
    const NamedOne channel = {Text(Field::kChannelName), Text(Field::kChannelGuid)};
    if (channel.known()) {
      AddNamed(resources, "channel", {channel.name, FirstOf(channel.uid, team.uid)});
    } else {
      AddNamed(resources, "team", team);
    }
    AddNamed(resources, "message", {{}, subject.Scalar(record.Get(Field::kMessageId))});
  }

  void AddReports(Value& resources) {
    std::string_view object = Text(Field::kObjectId);
    const auto add = [&](std::string_view type, std::string_view name) {
      if (name.empty()) return;
      Value one = Named({name, object});
      if (StartsWith(object, "http")) SetText(one, "url_string", object);
      SetText(one, "type", type);
      dom.Push(resources, std::move(one));
      object = {};
    };
    add("report", Text(Field::kReportName));
    add("dashboard", Text(Field::kDashboardName));
    add("dataset", Text(Field::kDatasetName));
    if (Dom::Size(resources) == 0) {
      add("report", FirstOf(Text(Field::kItemName), FirstOf(object, facts.operation)));
    }
    AddNamed(resources, "workspace", {Text(Field::kWorkSpaceName), {}});
  }

  void AddWebResources() {
    Value resources = dom.Array();
    if (mapping.subject == Subject::kMailItems || mapping.subject == Subject::kMailItem) {
      AddMailItems(resources);
    } else if (mapping.subject == Subject::kTeam) {
      AddChannel(resources);
    } else if (mapping.subject == Subject::kQuarantine) {
      AddNamed(resources, "mail", {{}, Text(Field::kNetworkMessageId)});
    } else if (mapping.subject == Subject::kReport) {
      AddReports(resources);
    }
    if (Dom::Size(resources) == 0) AddPage(resources);
    Set("web_resources", std::move(resources));
    const Value* const destination = record.Get(Field::kDestFolder);
    if (const std::string_view path = MemberText(destination, "Path"); !path.empty()) {
      Value folder = Named({path, MemberText(destination, "Id")});
      SetText(folder, "type", "folder");
      Set("web_resources_result", OneOf(std::move(folder)));
    }
    const std::optional<int64_t> count = record.Integer(Field::kOperationCount);
    if (count && *count > 0) SetNumber(event, "count", *count);
  }

  // Adds one resource for a record without a list of items. ObjectId and other fields of the record
  // describe that resource.
  void AddPage(Value& resources) {
    const bool is_mail = mapping.subject == Subject::kMailItem;
    std::string_view uid = Text(Field::kObjectId);
    std::string_view title = FirstOf(Text(Field::kItemName), Text(Field::kQueryText));
    if (is_mail) {
      uid = FirstOf(uid, subject.Scalar(record.Get(Field::kMessageId)));
      title = FirstOf(title, record.PairValue(Field::kOperationProperties, "MailSubject"));
    }
    Value page = dom.Object();
    SetText(page, "name", FirstOf(title, FirstOf(uid, facts.operation)));
    SetIfText(page, "uid", uid);
    if (StartsWith(uid, "http")) SetText(page, "url_string", uid);
    SetIfText(page, "type", FirstOf(facts.ItemType(), is_mail ? "mail" : ""));
    if (mapping.subject == Subject::kSharing && !subject.Permission().empty()) {
      Value data = dom.Object();
      SetText(data, "permission", subject.Permission());
      dom.Set(page, "data", std::move(data));
    }
    AddClassifications(page);
    dom.Push(resources, std::move(page));
  }

  void SetAddressesOf(Value& object, std::string_view key, const Value* list) {
    Value texts = dom.Array();
    Record::ForEach(list, [&](const Value& recipient) {
      if (Dom::IsText(recipient)) return dom.Push(texts, dom.Text(Dom::GetText(recipient)));
      const std::string_view address = Record::MemberText(&recipient, "Address");
      if (!address.empty()) dom.Push(texts, dom.Text(address));
    });
    if (Dom::Size(texts) > 0) dom.Set(object, key, std::move(texts));
  }

  void AddEmail() {
    const Value* const item = record.Get(Field::kItem);
    const std::string_view user = Text(Field::kUserId);
    const std::string_view from =
        FirstOf(FirstOf(Text(Field::kSendAsUserSmtp), Text(Field::kSendOnBehalfOfUserSmtp)),
                FirstOf(Text(Field::kMailboxOwnerUPN), user));
    SetNumber(event, "direction_id", 2);
    SetText(event, "direction", "Outbound");
    Value mail = dom.Object();
    SetText(mail, "from", FirstOf(from, "Unknown"));
    SetAddressesOf(mail, "to", record.Get(Field::krecipientList));
    if (from != user) SetIfText(mail, "sender", user);
    SetIfText(mail, "subject", MemberText(item, "Subject"));
    SetIfText(mail, "message_uid", MemberText(item, "InternetMessageId"));
    SetIfText(mail, "uid", KnownOrEmpty(MemberText(item, "Id")));
    AddSize(mail, item);
    if (Value files = Attachments(item, true); Dom::Size(files) > 0) {
      dom.Set(mail, "files", std::move(files));
    }
    Set("email", std::move(mail));
  }

  void AddFinding() {
    Value finding = dom.Object();
    const auto title_and_uid = [&](std::string_view title, std::string_view uid) {
      SetText(finding, "title", FirstOf(title, facts.operation));
      SetText(finding, "uid", FirstOf(uid, facts.frame.uid));
    };
    switch (mapping.subject) {
      case Subject::kAlert:
        title_and_uid(Text(Field::kName), Text(Field::kAlertId));
        if (!Text(Field::kCategory).empty()) {
          dom.Set(finding, "types", Texts({Text(Field::kCategory)}));
        }
        SetIfText(finding, "product_uid", Text(Field::kPolicyId));
        break;
      case Subject::kInvestigation:
        title_and_uid(Text(Field::kInvestigationType), Text(Field::kInvestigationId));
        dom.Set(finding, "types", Texts({"investigation"}));
        break;
      case Subject::kThreatMail: {
        title_and_uid(FirstOf(Text(Field::kVerdict), Text(Field::kSubject)),
                      Text(Field::kNetworkMessageId));
        const std::string_view threat = Text(Field::kThreatsAndDetectionTech);
        if (!threat.empty()) dom.Set(finding, "types", Texts({threat}));
        SetAddressesOf(finding, "types", record.Get(Field::kThreatsAndDetectionTech));
        break;
      }
      case Subject::kDlp: {
        std::string names;
        facts.ForEachPolicyRule([&](const Value& rule) {
          const std::string_view name = MemberText(&rule, "RuleName");
          if (name.empty()) return;
          if (!names.empty()) names += ", ";
          names += name;
        });
        title_and_uid(record.Keep(names), FirstOf(Text(Field::kIncidentId), Text(Field::kId)));
        break;
      }
      default:
        title_and_uid({}, {});
    }
    Set("finding_info", std::move(finding));
  }

  Value DetectedFile(const Value* data, std::string_view name, std::string_view path) {
    Value file = Named({name, {}});
    SetNumber(file, "type_id", 1);
    SetIfText(file, "path", path);
    if (const std::string_view sha256 = MemberText(data, "SHA256"); !sha256.empty()) {
      Value hash = dom.Object();
      SetNumber(hash, "algorithm_id", 3);
      SetText(hash, "algorithm", "SHA-256");
      SetText(hash, "value", sha256);
      dom.Set(file, "hashes", OneOf(std::move(hash)));
    }
    return file;
  }

  void AddEvidences() {
    Set("is_alert", dom.Bool(true));
    if (!Text(Field::kVerdict).empty()) {
      SetNumber(event, "verdict_id", 99);
      SetText(event, "verdict", Text(Field::kVerdict));
    }
    Value evidences = dom.Array();
    const auto add = [&](std::string_view key, Value value) {
      Value evidence = dom.Object();
      dom.Set(evidence, key, std::move(value));
      dom.Push(evidences, std::move(evidence));
    };
    if (!facts.addresses.empty()) add("src_endpoint", Source());
    const std::string_view entity = Text(Field::kAlertEntityId);
    const std::string_view entity_type = Text(Field::kEntityType);
    Value evidence = dom.Object();
    std::vector<std::string_view> malware;
    if (mapping.subject == Subject::kAlert && !entity.empty()) {
      if (entity_type == "MalwareFamily") {
        malware.push_back(entity);
      } else if (entity_type == "Sender") {
        SetText(evidence, "from", entity);
        add("email", std::move(evidence));
      } else if (entity_type == "User") {
        add("user", User({entity, {}}));
      } else if (entity_type == "Recipients") {
        dom.Set(evidence, "to", Texts({entity}));
        add("email", std::move(evidence));
      } else if (entity_type == "File") {
        SetNumber(evidence, "type_id", 1);
        SetText(evidence, "name", entity);
        add("file", std::move(evidence));
      } else {
        SetText(evidence, "entity_type", FirstOf(entity_type, "Unknown"));
        SetText(evidence, "entity", entity);
        add("data", std::move(evidence));
      }
    } else if (mapping.subject == Subject::kThreatMail) {
      const std::string_view from = FirstOf(Text(Field::kP2Sender), Text(Field::kP1Sender));
      SetText(evidence, "from", from);
      SetAddressesOf(evidence, "to", record.Get(Field::kRecipients));
      SetIfText(evidence, "subject", Text(Field::kSubject));
      SetIfText(evidence, "message_uid", Text(Field::kInternetMessageId));
      if (!from.empty()) add("email", std::move(evidence));
      Record::ForEach(record.Get(Field::kAttachmentData), [&](const Value& file) {
        const std::string_view name = MemberText(&file, "FileName");
        if (!name.empty()) add("file", DetectedFile(&file, name, {}));
        malware.push_back(MemberText(&file, "MalwareFamily"));
      });
    } else if (mapping.subject == Subject::kThreatUrl) {
      const std::string_view url = FirstOf(Text(Field::kURL), Text(Field::kUrl));
      SetText(evidence, "url_string", url);
      if (!url.empty()) add("url", std::move(evidence));
    } else if (mapping.subject == Subject::kMalware) {
      const Value* const data = record.Get(Field::kFileData);
      add("file", DetectedFile(data, FirstOf(MemberText(data, "FileName"), subject.FileName()),
                               FirstOf(MemberText(data, "FilePath"), Text(Field::kObjectId))));
      malware.push_back(FirstOf(Text(Field::kVirusInfo), MemberText(data, "MalwareFamily")));
    }
    Value families = dom.Array();
    for (const std::string_view name : malware) {
      if (name.empty()) continue;
      Value family = Named({name, {}});
      dom.Set(family, "classification_ids", OneOf(dom.Number(0)));
      dom.Push(families, std::move(family));
    }
    if (Dom::Size(families) > 0) Set("malware", std::move(families));
    if (Dom::Size(evidences) > 0) Set("evidences", std::move(evidences));
  }

  void AddDataSecurity() {
    AddFinding();
    const int mode = subject.EnforcementMode();
    bool any = false;
    bool blocked = mode == 2 || mode == 4;
    facts.ForEachPolicyRule([&](const Value& rule) {
      Record::ForEachText(Record::Member(&rule, "Actions"), [&](std::string_view action) {
        any = true;
        blocked |= Contains(action, "Block");
      });
    });
    const auto& [disposition_id, disposition] =
        blocked                  ? std::pair<int, std::string_view>(2, "Blocked")
        : mode == 3 || mode == 5 ? std::pair<int, std::string_view>(1, "Allowed")
        : any                    ? std::pair<int, std::string_view>(15, "Detected")
                                 : std::pair<int, std::string_view>(17, "Logged");
    SetNumber(event, "disposition_id", disposition_id);
    SetText(event, "disposition", disposition);

    Value security = dom.Object();
    SetNumber(security, "detection_system_id", 99);
    SetText(security, "detection_system", "Microsoft Purview DLP");
    const Value* matched = nullptr;
    Record::ForEach(record.Get(Field::kPolicyDetails), [&](const Value& policy) {
      if (matched == nullptr && !MemberText(&policy, "PolicyName").empty()) matched = &policy;
    });
    if (matched != nullptr) {
      dom.Set(security, "policy",
              Named({MemberText(matched, "PolicyName"), MemberText(matched, "PolicyId")}));
    }
    Value details = dom.Array();
    const auto add_detail = [&](const Value& found) {
      const std::string_view type = FirstOf(MemberText(&found, "SensitiveInformationTypeName"),
                                            MemberText(&found, "SensitiveType"));
      if (type.empty()) return;
      Value detail = dom.Object();
      SetText(detail, "type", type);
      const Value* const count = Record::Member(&found, "Count");
      if (count != nullptr && Dom::IsInteger(*count) && Dom::Dump(*count).size() <= 9) {
        dom.Set(detail, "count", dom.Copy(*count));
      }
      dom.Push(details, std::move(detail));
    };
    facts.ForEachPolicyRule([&](const Value& rule) {
      Record::ForEach(
          Record::Member(Record::Member(&rule, "ConditionsMatched"), "SensitiveInformation"),
          add_detail);
    });
    Record::ForEach(Record::Member(record.Get(Field::kEndpointMetaData), "SensitiveInformation"),
                    add_detail);
    if (Dom::Size(details) > 0) dom.Set(security, "discovery_details", std::move(details));
    Set("data_security", std::move(security));

    const Value* const site = record.Get(Field::kSharePointMetaData);
    if (const std::string_view path = MemberText(site, "FilePathUrl"); !path.empty()) {
      Value file = Named({FirstOf(MemberText(site, "FileName"), path), {}});
      SetNumber(file, "type_id", 1);
      SetText(file, "path", path);
      Set("file", std::move(file));
    } else if (!Text(Field::kObjectId).empty()) {
      AddFile();
    }
    const Value* const mail = record.Get(Field::kExchangeMetaData);
    AddResource({MemberText(mail, "Subject"), MemberText(mail, "MessageID")}, "mail");
  }

  void AddAi() {
    const Value* const data = record.Get(Field::kCopilotEventData);
    std::string_view model = "Unknown";
    bool found = false;
    Record::ForEach(Record::Member(data, "ModelTransparencyDetails"), [&](const Value& one) {
      const std::string_view name = MemberText(&one, "ModelName");
      if (!found && !name.empty()) model = name;
      found |= !name.empty();
    });
    Value ai_model = Named({model, {}});
    SetText(ai_model, "ai_provider", "Microsoft");
    Set("ai_model", std::move(ai_model));
    Value context = dom.Object();
    dom.Set(context, "service",
            Named({FirstOf(MemberText(data, "AppHost"), FirstOf(facts.workload, "Copilot")), {}}));
    SetIfText(context, "uid", MemberText(data, "ThreadId"));
    Set("message_context", std::move(context));
    Value resources = dom.Array();
    Record::ForEach(Record::Member(data, "AccessedResources"), [&](const Value& one) {
      const std::string_view uid = MemberText(&one, "Id");
      const std::string_view name =
          FirstOf(FirstOf(MemberText(&one, "Name"), MemberText(&one, "SiteUrl")), uid);
      if (name.empty()) return;
      Value resource = Named({name, uid});
      SetIfText(resource, "type", MemberText(&one, "Type"));
      dom.Push(resources, std::move(resource));
    });
    if (Dom::Size(resources) > 0) Set("resources", std::move(resources));
  }
};

}  // namespace picket::twins
