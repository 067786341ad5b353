#include "parser/mapping/identity_attributes.h"

#include <iterator>

#include "common/strings.h"
#include "common/tenant.h"
#include "model/ocsf_class.h"

namespace picket::parser {
namespace {

// Splits an escaped string at `separator`, and writes the parts as members of a list. Omits parts
// that contain characters that JSON must escape.
void PutParts(Appender& to, OptionalList& list, std::string_view escaped, char separator) {
  while (!escaped.empty()) {
    const size_t cut = escaped.find(separator);
    const std::string_view one = TrimBlanks(escaped.substr(0, cut));
    if (!one.empty() && !HasNeededEscapes(one)) {
      list.Next();
      to.PutText("", one);
    }
    if (cut == std::string_view::npos) break;
    escaped.remove_prefix(cut + 1);
  }
}

std::string_view LogonTypeName(int64_t type) {
  static constexpr std::string_view kNames[] = {
      "Owner", "Admin", "Delegated", "Transport", "SystemService", "BestAccess", "DelegatedAdmin"};
  return type >= 0 && type < static_cast<int64_t>(std::size(kNames)) ? kNames[type]
                                                                     : std::string_view();
}

}  // namespace

void IdentityAttributes::TargetUser(std::string_view key) {
  Appender to(out);
  User(to, key, TargetUserOf(facts), mapping.label == "guest_invited");
}

void IdentityAttributes::SignIn() {
  Appender to(out);
  // In older records, ObjectId identifies the user and not the application.
  std::string_view application =
      FirstOf(Text(Field::kApplicationId), KnownOrEmpty(Text(Field::kObjectId)));
  if (EqualsInline(application, Text(Field::kUserId))) application = {};
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
  int64_t logon_type = -1;
  if (record.Has(Field::kLogonType) && record.GetInteger(Field::kLogonType, logon_type)) {
    if (const std::string_view name = LogonTypeName(logon_type); !name.empty()) {
      to.PutText(",\"logon_type_id\":99,\"logon_type\":", name);
    }
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
  // A second factor was used if the request is for the "strong authentication service" (SAS), or if
  // a step of the authentication mentions multiple factors.
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

// Writes the account as it is after the change, unless the account was deleted. If multi-factor
// authentication was changed, also writes its factors.
void IdentityAttributes::Account() {
  Appender to(out);
  if (mapping.activity_id == ocsf::kAccountMfaEnable ||
      mapping.activity_id == ocsf::kAccountMfaDisable) {
    AuthFactors(to);
  }
  if (mapping.activity_id == ocsf::kAccountDelete ||
      record.Pairs(Field::kModifiedProperties).empty()) {
    return;
  }
  const std::string_view name = NewValueOf(facts, "UserPrincipalName");
  const NamedThing target = TargetUserOf(facts);
  if (!target.known() && name.empty()) return;
  const std::string_view mail = NewValueOf(facts, "Mail");
  to.Put(",\"user_result\":");
  Named(to, {FirstOf(name, target.name), target.uid});
  to.Cut(to.size() - 1);
  to.PutIfText(",\"full_name\":", NewValueOf(facts, "DisplayName"));
  if (LooksLikeAddress(mail)) to.PutText(",\"email_addr\":", mail);
  to.Put("}");
}

// Writes the methods in StrongAuthenticationMethod. Entra identifies each method by a number.
void IdentityAttributes::AuthFactors(Appender& to) {
  OptionalList factors(to, ",\"auth_factors\":[");
  ForEachDecoded(facts.decoded, [&](std::string_view name, std::string_view value) {
    static constexpr std::string_view kPath = "ModifiedProperties.StrongAuthenticationMethod.";
    static constexpr std::string_view kKey = ".MethodType";
    if (name.substr(0, kPath.size()) != kPath || name.size() < kKey.size() ||
        name.substr(name.size() - kKey.size()) != kKey) {
      return;
    }
    factors.Next();
    to.Put("{\"factor_type_id\":");
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
  factors.Close();
}

void IdentityAttributes::Privileges() {
  Appender to(out);
  OptionalList list(to, ",\"privileges\":[");
  const auto one = [&](std::string_view text) {
    if (text.empty()) return;
    list.Next();
    to.PutText("", text);
  };
  switch (mapping.subject) {
    case Subject::kRole: {
      // If a role was removed, its name is in the old value.
      const NameValue* const role = record.FindPair(Field::kModifiedProperties, "Role.DisplayName");
      if (role != nullptr) one(UnwrapList(FirstOf(role->value, role->old_value)));
      if (list.empty()) {
        const NameValue* const id = record.FindPair(Field::kModifiedProperties, "Role.TemplateId");
        if (id != nullptr) one(UnwrapList(FirstOf(id->value, id->old_value)));
      }
      break;
    }
    case Subject::kAppRole: {
      for (const std::string_view name : {"AppRole.Value", "AppRole.DisplayName", "AppRole.Id"}) {
        const NameValue* const role = record.FindPair(Field::kModifiedProperties, name);
        if (list.empty() && role != nullptr) one(UnwrapList(FirstOf(role->value, role->old_value)));
      }
      break;
    }
    case Subject::kDelegatedGrant: {
      const NameValue* const scope =
          record.FindPair(Field::kModifiedProperties, "DelegatedPermissionGrant.Scope");
      if (scope != nullptr)
        PutParts(to, list, UnwrapList(FirstOf(scope->value, scope->old_value)), ' ');
      break;
    }
    case Subject::kConsent: {
      std::string_view text = facts.Modified("ConsentAction.Permissions");
      // The text before the arrow is skipped, because it lists permissions that had been granted
      // earlier.
      for (const std::string_view arrow : {"] => [", "] =\\u003e [", "] =\\u003E ["}) {
        const size_t at = text.find(arrow);
        if (at != std::string_view::npos) text.remove_prefix(at + arrow.size());
      }
      static constexpr std::string_view kScope = "Scope: ";
      for (size_t at = text.find(kScope); at != std::string_view::npos; at = text.find(kScope)) {
        text.remove_prefix(at + kScope.size());
        const size_t end = text.find_first_of(",]");
        PutParts(to, list, text.substr(0, end), ' ');
      }
      break;
    }
    case Subject::kMailboxPermission:
      PutParts(to, list, Parameter("AccessRights"), ',');
      break;
    case Subject::kFolderPermission:
      PutParts(to, list, facts.MemberText(PermissionFolder(facts), "MemberRights"), ',');
      break;
    case Subject::kRoleAssignment:
      one(FirstOf(mapping.detail, FirstOf(Parameter("Role"), Parameter("Identity"))));
      break;
    case Subject::kSiteAdmin:
      one(FirstOf(EventDataOf(facts, "PermissionLevel", "/PermissionLevel"), mapping.detail));
      break;
    default:
      one(mapping.detail);
  }
  if (list.empty()) one("Unknown");
  list.Close();
}

// Writes the resource that the privileges apply to.
void IdentityAttributes::AccessedResource() {
  const std::string_view object = Text(Field::kObjectId);
  switch (mapping.subject) {
    case Subject::kMailboxPermission:
      return Resource({FirstOf(Parameter("Identity"), object), {}},
                      FirstOf(mapping.detail, "mailbox"));
    case Subject::kFolderPermission: {
      const JsonValue folder = PermissionFolder(facts);
      return Resource({FirstOf(facts.MemberText(folder, "Path"), facts.MemberText(folder, "Name")),
                       facts.MemberText(folder, "Id")},
                      "folder");
    }
    case Subject::kRoleAssignment:
      return Resource({FirstOf(object, Parameter("Name")), {}},
                      mapping.label == "ediscovery" ? "case" : "role");
    case Subject::kSiteAdmin:
      if (mapping.label == "ediscovery") {
        return Resource({FirstOf(Text(Field::kCaseName), object), Text(Field::kCaseId)}, "case");
      }
      if (const std::string_view workspace = Text(Field::kWorkSpaceName); !workspace.empty()) {
        return Resource({workspace, {}}, "workspace");
      }
      return Resource({FirstOf(object, Text(Field::kSiteUrl)), {}}, "site");
    case Subject::kConsent:
      return Resource(
          {FirstOf(facts.target.name, object), IsGuid(object) ? object : facts.target.guid},
          "application");
    case Subject::kRole:
      return Resource({PropertyOf(facts, "Role.DisplayName"), PropertyOf(facts, "Role.TemplateId")},
                      "role");
    default:
      break;
  }
  const auto thing = [&](std::string_view name, std::string_view uid) {
    return NamedThing{PropertyOf(facts, name), PropertyOf(facts, uid)};
  };
  NamedThing owned = thing("ServicePrincipal.DisplayName", "ServicePrincipal.ObjectID");
  if (!owned.known()) owned = thing("Application.DisplayName", "Application.ObjectID");
  if (!owned.known() && mapping.subject == Subject::kOwner) {
    const NamedThing group = thing("Group.DisplayName", "Group.ObjectID");
    if (group.known()) return Resource(group, "group");
  }
  if (!owned.known()) owned.name = object;
  Resource(owned, "application");
}

void IdentityAttributes::Group() {
  Appender to(out);
  const NamedThing group = GroupOf(facts);
  to.Put(",\"group\":");
  Named(to, group);
  const NamedThing user = TargetUserOf(facts);
  if (user.known()) User(to, ",\"user\":", user);
  if (mapping.activity_id != ocsf::kGroupAssignPrivileges) return;
  JsonValue role;
  tokens.ForEach(record.Get(Field::kMembers), [&](const JsonValue& member) {
    if (role.kind == JsonValue::kAbsent) role = tokens.Member(member, "Role");
  });
  if (role.kind != JsonValue::kText && role.kind != JsonValue::kNumber) return;
  const std::string_view text = role.is_text() ? role.inner() : role.raw;
  to.PutText(",\"privileges\":[", text == "0"   ? "Member"
                                  : text == "1" ? "Owner"
                                  : text == "2" ? "Guest"
                                                : text);
  to.Put("]");
}

void IdentityAttributes::Entity() {
  Appender to(out);
  const Identity& target = facts.target;
  NamedThing entity = {FirstOf(target.name, target.upn), target.guid};
  NamedThing owner;
  if (mapping.subject == Subject::kDevice) {
    const NamedThing device = {UnwrapList(facts.Modified("Device.DisplayName")),
                               UnwrapList(facts.Modified("Device.ObjectID"))};
    if (mapping.activity_id == ocsf::kEntityEnroll && device.known() && !target.upn.empty()) {
      owner = {target.upn, target.guid};  // the target of an enrolment is the user of the device
      entity = device;
    } else {
      entity = {FirstOf(device.name, entity.name), FirstOf(device.uid, entity.uid)};
    }
  }
  if (mapping.subject == Subject::kOrganization) {
    // The property tenantId identifies the tenant of a partner organisation.
    entity.uid = FirstOf(PropertyOf(facts, "tenantId"), entity.uid);
  }
  if (mapping.subject == Subject::kDomain && record.Has(Field::kParameters)) {
    entity.name =
        FirstOf(Parameter("DomainName"), FirstOf(Parameter("Identity"), Parameter("Name")));
  }
  auto& [name, uid] = entity;
  if (name.empty() && !owner.known()) name = Text(Field::kObjectId);
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
      to.PutText(",\"name\":", FirstOf(name, uid));
      if (owner.known()) User(to, ",\"owner\":", owner);
      to.Put("}");
      break;
    case Subject::kOrganization:
      to.Put(",\"org\":");
      Named(to, entity);
      break;
    case Subject::kPolicy:
      to.Put(",\"policy\":");
      Named(to, entity);
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
  if (mapping.activity_id == ocsf::kEntityUpdate &&
      !record.Pairs(Field::kModifiedProperties).empty()) {
    to.Put(",\"entity_result\":{");
    type_of();
    to.PutIfText(",\"name\":", FirstOf(NewValueOf(facts, "DisplayName"), name));
    to.PutIfText(",\"uid\":", uid);
    to.Put("}");
  }
}

}  // namespace picket::parser
