#pragma once

// Finds the objects that a record is about, such as a user, group, file, email or finding. The
// Subject in the mapping of the record determines which objects the event has. The OCSF writer and
// the ECS writer use these functions. Strings are views into the record, still escaped, and empty
// if the record has no value.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "common/strings.h"
#include "json/json_skip.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

struct NamedThing {
  std::string_view name;
  std::string_view uid;
  bool known() const { return !name.empty() || !uid.empty(); }
};

// Returns the user whose account, access or group membership changed. For a sign-in, returns the
// actor.
NamedThing TargetUserOf(const RecordFacts& facts);

// Returns the group or team that changed.
NamedThing GroupOf(const RecordFacts& facts);

// Returns the folder whose permissions changed. The record has the folder in Folder or, in older
// records, in the member ParentFolder of Item.
JsonValue PermissionFolder(const RecordFacts& facts);

// Returns the id and the title of a finding. If the finding has no title, the operation is the
// title.
NamedThing FindingOf(const RecordFacts& facts);

// Removes the list around a value such as ["x"], because NewValue can be a JSON list with line
// breaks in it. If `escaped` contains a list of one string without needed escapes, returns the
// inside of the string. Returns any other value unchanged.
std::string_view UnwrapList(std::string_view escaped);

// Returns true if the string contains characters that JSON must escape. Optional escapes (\/,
// \u00e4) do not count.
bool HasNeededEscapes(std::string_view escaped);

// Returns true if a string has the shape of an email address.
bool LooksLikeAddress(std::string_view text);

// Returns the position of the last escaped backslash (\\), or npos if there is none. Backslashes of
// other escapes (\", \u00e4) are ignored, because a string must not be cut inside an escape.
size_t FindLastBackslash(std::string_view escaped);

bool IsAboutFile(const RecordFacts& facts);
// Returns the name of the file, or the last part of its path if the record has no name.
std::string_view FileNameOf(const RecordFacts& facts);

struct MailFacts {
  std::string_view from;
  std::string_view sender;  // the sender, if it differs from `from`
  std::string_view subject;
  std::string_view message_id;
  const JsonValue* recipients = nullptr;  // the list of recipients; always set by MailOf
};
// Returns the email that was sent or, for a finding, the email that contains the threat.
MailFacts MailOf(const RecordFacts& facts);

// Returns the new value of a property, or the old value if the property was removed. If the value
// is a list of one string, returns that string.
std::string_view PropertyOf(const RecordFacts& facts, std::string_view name);

// Returns the new value of a property. Returns an empty view if the property was removed.
std::string_view NewValueOf(const RecordFacts& facts, std::string_view name);

// The actions of an inbox rule in a mailbox record (OperationProperties, RuleActions), without the
// recipients.
struct InboxRuleActions {
  std::string_view move_to_folder;
  bool deletes = false;
};
InboxRuleActions ActionsOf(const RecordFacts& facts);

enum class RuleRecipients { kForward, kRedirect, kForwardAsAttachment };

// Returns the text between two tags in EventData, such as "<Group>Owners</Group>". Returns an empty
// view if a tag is missing.
std::string_view EventDataOf(const RecordFacts& facts, std::string_view tag,
                             std::string_view end_tag);

// Returns the permission that was granted by sharing. EventData has the permission in "<Permissions
// granted>" or, for a link, in "<Type>". If EventData has no permission, returns the field
// Permission.
std::string_view PermissionOf(const RecordFacts& facts);

// Returns the name of ItemType, even if the record has the number: "Folder" for 5.
std::string_view ItemTypeOf(const AuditRecord& record);

// Returns a string without its quotes, or a number as written, because ids can be strings or
// numbers. Returns an empty view for any other value.
std::string_view ScalarText(const JsonValue& value);

// How a rule for an endpoint is enforced. Records have the mode as a number or a word in the field
// EnforcementMode. That field is a member of the record or of its EndpointMetaData.
enum class EnforcementMode : uint8_t {
  kUnknown,
  kAudit,
  kWarn,  // blocked unless the user overrides the rule
  kWarnAndBypass,
  kBlock,
  kAllow,
};
EnforcementMode EnforcementModeOf(const RecordFacts& facts);

// Calls `function` for each rule of each policy in PolicyDetails.
template <typename Function>
void ForEachPolicyRule(const RecordFacts& facts, Function function) {
  const JsonTokens& tokens = facts.tokens();
  tokens.ForEach(facts.record->Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    tokens.ForEach(tokens.Member(policy, "Rules"), function);
  });
}

// Calls `function(name, size)` for each attachment of an email. `size` is -1 if it is unknown.
// Records describe attachments in prose: "a.docx (34816b); b (copy).pdf (12b)".
template <typename Function>
void ForEachAttachment(std::string_view text, Function function) {
  while (!text.empty()) {
    // Names can contain brackets and semicolons, so only the size marks the end of an attachment.
    size_t end = text.size();
    size_t name_end = text.size();
    int64_t size = -1;
    for (size_t open = text.find(" ("); open != std::string_view::npos;
         open = text.find(" (", open + 1)) {
      size_t at = open + 2;
      int64_t bytes = 0;
      while (at < text.size() && IsDigit(text[at]) && at - open < 18) {
        bytes = bytes * 10 + (text[at++] - '0');
      }
      const std::string_view behind = text.substr(at);
      if (at == open + 2 || behind.substr(0, 2) != "b)" ||
          (behind.size() > 2 && behind[2] != ';')) {
        continue;
      }
      size = bytes;
      name_end = open;
      end = at + 2;
      break;
    }
    function(text.substr(0, name_end), size);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
}

// Returns the value of the first leaf with this name in RecordFacts::decoded.
std::string_view DecodedOf(const RecordFacts& facts, std::string_view name);

// Calls `function(name, value)` for each leaf of RecordFacts::decoded.
template <typename Function>
void ForEachDecoded(std::string_view decoded, Function function) {
  static constexpr std::string_view kName = "{\"name\":";
  static constexpr std::string_view kValue = ",\"value\":";
  const auto next_string = [&](std::string_view before) {
    decoded.remove_prefix(before.size());
    const size_t end = SkipJsonString(decoded, 0);
    const std::string_view text = decoded.substr(1, end - 2);
    decoded.remove_prefix(end);
    return text;
  };
  while (!decoded.empty()) {
    const std::string_view name = next_string(kName);
    const std::string_view value = next_string(kValue);
    function(name, value);
    decoded.remove_prefix(1);                        // skip the brace
    if (!decoded.empty()) decoded.remove_prefix(1);  // skip the comma
  }
}

// Calls `function(key, value)` for each leaf in the actions of an inbox rule. The first leaf of
// each action is "ActionType".
template <typename Function>
void ForEachRuleAction(const RecordFacts& facts, Function function) {
  static constexpr std::string_view kPath = "OperationProperties.RuleActions.";
  ForEachDecoded(facts.decoded, [&](std::string_view name, std::string_view value) {
    if (name.substr(0, kPath.size()) == kPath) function(name.substr(kPath.size()), value);
  });
}

// Calls `function(kind, address)` for each recipient in the actions of an inbox rule.
template <typename Function>
void ForEachRuleRecipient(const RecordFacts& facts, Function function) {
  RuleRecipients kind = RuleRecipients::kForward;
  ForEachRuleAction(facts, [&](std::string_view key, std::string_view value) {
    if (key == "ActionType") {
      kind = value == "Redirect"              ? RuleRecipients::kRedirect
             : value == "ForwardAsAttachment" ? RuleRecipients::kForwardAsAttachment
                                              : RuleRecipients::kForward;
    } else if (key.substr(0, 10) == "Recipients" && !value.empty()) {
      function(kind, value);
    }
  });
}

// Calls `function` for each string in a list.
template <typename Function>
void ForEachText(const RecordFacts& facts, const JsonValue& list, Function function) {
  facts.tokens().ForEach(list, [&](const JsonValue& member) {
    if (member.is_text()) function(member.inner());
  });
}

// Calls `function` with the address of each recipient. A recipient is a string, or an object with
// the member Address.
template <typename Function>
void ForEachRecipient(const RecordFacts& facts, const MailFacts& mail, Function function) {
  facts.tokens().ForEach(*mail.recipients, [&](const JsonValue& member) {
    const std::string_view address =
        member.is_text() ? member.inner() : facts.MemberText(member, "Address");
    if (member.is_text() || !address.empty()) function(address);
  });
}

}  // namespace picket::parser
