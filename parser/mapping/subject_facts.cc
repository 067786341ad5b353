#include "parser/mapping/subject_facts.h"

#include <algorithm>
#include <iterator>

#include "common/strings.h"
#include "model/ocsf_class.h"

namespace picket::parser {
namespace {

// The position of an escaped quote inside a string. .NET writes such a quote as \u0022.
struct EscapedQuote {
  size_t at = std::string_view::npos;
  size_t end = std::string_view::npos;
};
EscapedQuote FindQuote(std::string_view escaped, size_t from) {
  for (size_t at = escaped.find('\\', from); at != std::string_view::npos;
       at = escaped.find('\\', at + 2)) {
    if (escaped[at + 1] == '"') return {at, at + 2};
    if (escaped[at + 1] == 'u' && JsonHex4(escaped, at + 2) == '"') return {at, at + 6};
  }
  return {};
}

NamedThing DirectoryTarget(const RecordFacts& facts) {
  NamedThing user = {FirstOf(facts.target.upn, facts.target.name), facts.target.guid};
  if (facts.mapping.subject == Subject::kRole) {
    user.name = FirstOf(user.name, facts.Text(Field::kObjectId));
  }
  if (facts.mapping.subject == Subject::kAppRole) {
    user = {FirstOf(PropertyOf(facts, "User.UPN"), user.name),
            FirstOf(PropertyOf(facts, "User.ObjectID"), user.uid)};
  }
  if (!user.known()) {
    user.name = FirstOf(facts.Text(Field::kTargetUserId), facts.Text(Field::kObjectId));
  }
  return user;
}

// The position of a tag: from its opening bracket to the position after its closing bracket.
// Escapes are recognised, too. .NET writes the brackets as \u003c and \u003e, and other writers
// escape the slash of an end tag as \/.
struct Tag {
  size_t begin = std::string_view::npos;
  size_t end = 0;
};
Tag FindTag(std::string_view escaped, std::string_view name) {
  for (size_t at = escaped.find(name); at != std::string_view::npos;
       at = escaped.find(name, at + 1)) {
    std::string_view before = escaped.substr(0, at);
    if (name.front() == '/' && before.ends_with("\\")) before.remove_suffix(1);
    const std::string_view behind = escaped.substr(at + name.size());
    const size_t open = before.ends_with("<")         ? 1
                        : before.ends_with("\\u003c") ? 6
                        : before.ends_with("\\u003C") ? 6
                                                      : 0;
    const size_t close = behind.substr(0, 1) == ">"         ? 1
                         : behind.substr(0, 6) == "\\u003e" ? 6
                         : behind.substr(0, 6) == "\\u003E" ? 6
                                                            : 0;
    if (open != 0 && close != 0) return {before.size() - open, at + name.size() + close};
  }
  return {};
}

constexpr std::string_view kEnforcementModes[] = {"Audit", "Warn", "WarnAndBypass", "Block",
                                                  "Allow"};

}  // namespace

bool LooksLikeAddress(std::string_view text) {
  const size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
         text.find(' ') == std::string_view::npos;
}

std::string_view UnwrapList(std::string_view escaped) {
  if (escaped.empty() || escaped[0] != '[') return escaped;
  const EscapedQuote open = FindQuote(escaped, 0);
  const EscapedQuote close = FindQuote(escaped, open.end);
  if (close.at == std::string_view::npos ||
      FindQuote(escaped, close.end).at != std::string_view::npos) {
    return escaped;
  }
  const std::string_view text = escaped.substr(open.end, close.at - open.end);
  return HasNeededEscapes(text) ? escaped : text;
}

bool HasNeededEscapes(std::string_view escaped) {
  for (size_t at = escaped.find('\\'); at != std::string_view::npos;
       at = escaped.find('\\', at + 2)) {
    if (escaped[at + 1] == '/') continue;
    if (escaped[at + 1] != 'u') return true;
    const int code = JsonHex4(escaped, at + 2);
    if (code < 0x20 || code == '"' || code == '\\') return true;
  }
  return false;
}

size_t FindLastBackslash(std::string_view escaped) {
  size_t last = std::string_view::npos;
  for (size_t at = escaped.find('\\'); at != std::string_view::npos;
       at = escaped.find('\\', at + 2)) {
    if (escaped[at + 1] == '\\') last = at;
  }
  return last;
}

JsonValue PermissionFolder(const RecordFacts& facts) {
  const JsonValue& folder = facts.record->Get(Field::kFolder);
  if (folder.kind == JsonValue::kObject) return folder;
  return facts.tokens().Member(facts.record->Get(Field::kItem), "ParentFolder");
}

InboxRuleActions ActionsOf(const RecordFacts& facts) {
  InboxRuleActions actions;
  ForEachRuleAction(facts, [&](std::string_view key, std::string_view value) {
    if (key == "ActionType") {
      actions.deletes |= value.find("Delete") != std::string_view::npos;
    } else if (key.find("Folder") != std::string_view::npos) {
      actions.move_to_folder = FirstOf(actions.move_to_folder, value);
    }
  });
  return actions;
}

std::string_view DecodedOf(const RecordFacts& facts, std::string_view name) {
  std::string_view found;
  ForEachDecoded(facts.decoded, [&](std::string_view leaf, std::string_view value) {
    if (found.data() == nullptr && leaf == name) found = value;
  });
  return found;
}

std::string_view EventDataOf(const RecordFacts& facts, std::string_view tag,
                             std::string_view end_tag) {
  const std::string_view escaped = facts.Text(Field::kEventData);
  const Tag open = FindTag(escaped, tag);
  const Tag close = FindTag(escaped, end_tag);
  if (open.begin == std::string_view::npos || close.begin == std::string_view::npos ||
      close.begin < open.end) {
    return {};
  }
  return escaped.substr(open.end, close.begin - open.end);
}

std::string_view PermissionOf(const RecordFacts& facts) {
  return FirstOf(EventDataOf(facts, "Permissions granted", "/Permissions granted"),
                 FirstOf(EventDataOf(facts, "Type", "/Type"), facts.Text(Field::kPermission)));
}

std::string_view ItemTypeOf(const AuditRecord& record) {
  const std::string_view text = record.Text(Field::kItemType);
  if (!text.empty() && !IsDigit(text.front())) return text;
  int64_t number = -1;
  if (!record.Has(Field::kItemType) || !record.GetInteger(Field::kItemType, number)) return text;
  switch (number) {
    case 1:
      return "File";
    case 5:
      return "Folder";
    case 6:
      return "Web";
    case 7:
      return "Site";
    case 8:
      return "Tenant";
    case 9:
      return "DocumentLibrary";
    case 11:
      return "Page";
    default:
      return text;
  }
}

std::string_view ScalarText(const JsonValue& value) {
  return value.is_text()                    ? value.inner()
         : value.kind == JsonValue::kNumber ? value.raw
                                            : std::string_view();
}

EnforcementMode EnforcementModeOf(const RecordFacts& facts) {
  std::string_view mode = ScalarText(facts.record->Get(Field::kEnforcementMode));
  if (mode.empty()) {
    mode = ScalarText(
        facts.tokens().Member(facts.record->Get(Field::kEndpointMetaData), "EnforcementMode"));
  }
  for (size_t i = 0; i < std::size(kEnforcementModes); ++i) {
    const bool is_number = mode.size() == 1 && mode[0] == static_cast<char>('1' + i);
    if (is_number || EqualsIgnoreCase(mode, kEnforcementModes[i])) {
      return static_cast<EnforcementMode>(i + 1);
    }
  }
  return EnforcementMode::kUnknown;
}

std::string_view PropertyOf(const RecordFacts& facts, std::string_view name) {
  const NameValue* const pair = facts.record->FindPair(Field::kModifiedProperties, name);
  if (pair == nullptr) return {};
  const std::string_view value = UnwrapList(pair->value);
  return value.empty() || value == "[]" ? UnwrapList(pair->old_value) : value;
}

std::string_view NewValueOf(const RecordFacts& facts, std::string_view name) {
  const std::string_view value = UnwrapList(facts.Modified(name));
  return value == "[]" ? std::string_view() : value;
}

NamedThing TargetUserOf(const RecordFacts& facts) {
  const Mapping& mapping = facts.mapping;
  switch (mapping.subject) {
    case Subject::kSignIn:
      return {facts.Text(Field::kUserId), facts.actor.uid};
    case Subject::kConsent:
      return {facts.Text(Field::kUserId), {}};
    case Subject::kMailboxPermission:
      return {FirstOf(facts.Parameter("User"), facts.Parameter("Trustee")), {}};
    case Subject::kFolderPermission: {
      const JsonValue folder = PermissionFolder(facts);
      return {facts.MemberText(folder, "MemberUpn"), facts.MemberText(folder, "MemberSid")};
    }
    case Subject::kRoleAssignment:
      return {FirstOf(FirstOf(facts.Parameter("User"), facts.Parameter("Member")),
                      FirstOf(facts.Parameter("SecurityGroup"), facts.Parameter("App"))),
              {}};
    case Subject::kSiteAdmin:
      return {
          FirstOf(FirstOf(facts.Text(Field::kTargetUserOrGroupName), facts.Modified("SiteAdmin")),
                  facts.Text(Field::kUserId)),
          {}};
    case Subject::kGroup:
      if (mapping.activity_id != ocsf::kGroupAddUser &&
          mapping.activity_id != ocsf::kGroupRemoveUser)
        return {};
      return DirectoryTarget(facts);
    case Subject::kSiteGroup:
      if (mapping.activity_id != ocsf::kGroupAddUser &&
          mapping.activity_id != ocsf::kGroupRemoveUser)
        return {};
      return {facts.Text(Field::kTargetUserOrGroupName), {}};
    case Subject::kTeam: {
      NamedThing user;
      facts.tokens().ForEach(facts.record->Get(Field::kMembers), [&](const JsonValue& member) {
        if (user.name.empty()) user.name = facts.MemberText(member, "UPN");
      });
      return user;
    }
    default:
      if (mapping.class_uid == ocsf::kAccountChange ||
          mapping.class_uid == ocsf::kUserAccessManagement)
        return DirectoryTarget(facts);
      return {};
  }
}

NamedThing GroupOf(const RecordFacts& facts) {
  NamedThing group;
  switch (facts.mapping.subject) {
    case Subject::kGroup:
      group = {PropertyOf(facts, "Group.DisplayName"), PropertyOf(facts, "Group.ObjectID")};
      if (facts.mapping.activity_id != ocsf::kGroupAddUser &&
          facts.mapping.activity_id != ocsf::kGroupRemoveUser) {
        group = {FirstOf(group.name, facts.target.name), FirstOf(group.uid, facts.target.guid)};
        if (group.name.empty()) group.name = PropertyOf(facts, "DisplayName");
      }
      break;
    case Subject::kSiteGroup:
      group.name = EventDataOf(facts, "Group", "/Group");
      if (facts.mapping.activity_id != ocsf::kGroupAddUser &&
          facts.mapping.activity_id != ocsf::kGroupRemoveUser) {
        group.name = FirstOf(group.name, FirstOf(facts.Text(Field::kTargetUserOrGroupName),
                                                 PropertyOf(facts, "Name")));
      }
      break;
    case Subject::kTeam:
      group = {FirstOf(facts.Text(Field::kTeamName), facts.Text(Field::kGroupName)),
               FirstOf(facts.Text(Field::kTeamGuid), facts.Text(Field::kAADGroupId))};
      break;
    default:
      return {};
  }
  if (!group.known()) group.name = facts.Text(Field::kObjectId);
  return group;
}

NamedThing FindingOf(const RecordFacts& facts) {
  NamedThing finding;
  switch (facts.mapping.subject) {
    case Subject::kAlert:
      finding = {facts.Text(Field::kName), facts.Text(Field::kAlertId)};
      break;
    case Subject::kInvestigation:
      finding = {facts.Text(Field::kInvestigationType), facts.Text(Field::kInvestigationId)};
      break;
    case Subject::kThreatMail:
      finding = {FirstOf(facts.Text(Field::kVerdict), facts.Text(Field::kSubject)),
                 facts.Text(Field::kNetworkMessageId)};
      break;
    case Subject::kDlp:
      finding.uid = FirstOf(facts.Text(Field::kIncidentId), facts.Text(Field::kId));
      facts.tokens().ForEach(
          facts.record->Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
            facts.tokens().ForEach(
                facts.tokens().Member(policy, "Rules"), [&](const JsonValue& rule) {
                  finding.name = FirstOf(finding.name, facts.MemberText(rule, "RuleName"));
                });
          });
      break;
    default:
      break;
  }
  finding.name = FirstOf(finding.name, facts.operation);
  return finding;
}

bool IsAboutFile(const RecordFacts& facts) {
  return facts.mapping.class_uid == ocsf::kFileHostingActivity ||
         facts.mapping.subject == Subject::kMalware ||
         (facts.mapping.class_uid == ocsf::kDataSecurityFinding &&
          !facts.Text(Field::kObjectId).empty());
}

std::string_view FileNameOf(const RecordFacts& facts) {
  const std::string_view name =
      FirstOf(facts.Text(Field::kSourceFileName), facts.Text(Field::kFileName));
  if (!name.empty()) return name;
  const std::string_view path = facts.Text(Field::kObjectId);
  size_t begin = path.rfind('/') + 1;  // 0 if there is no slash, because npos + 1 is 0
  const size_t backslash = FindLastBackslash(path);
  if (backslash != std::string_view::npos) begin = std::max(begin, backslash + 2);
  return begin >= path.size() ? path : path.substr(begin);
}

MailFacts MailOf(const RecordFacts& facts) {
  MailFacts mail;
  if (facts.mapping.class_uid == ocsf::kDetectionFinding) {
    mail.from = FirstOf(facts.Text(Field::kP2Sender), facts.Text(Field::kP1Sender));
    mail.subject = facts.Text(Field::kSubject);
    mail.message_id = facts.Text(Field::kInternetMessageId);
    mail.recipients = &facts.record->Get(Field::kRecipients);
    return mail;
  }
  const JsonValue& item = facts.record->Get(Field::kItem);
  mail.from = FirstOf(
      FirstOf(facts.Text(Field::kSendAsUserSmtp), facts.Text(Field::kSendOnBehalfOfUserSmtp)),
      FirstOf(facts.Text(Field::kMailboxOwnerUPN), facts.Text(Field::kUserId)));
  if (mail.from != facts.Text(Field::kUserId)) mail.sender = facts.Text(Field::kUserId);
  mail.subject = facts.MemberText(item, "Subject");
  mail.message_id = facts.MemberText(item, "InternetMessageId");
  mail.recipients = &facts.record->Get(Field::krecipientList);
  return mail;
}

}  // namespace picket::parser
