#pragma once

// What a record is about: the user, group, file, mail or finding that its mapping row (Subject)
// asks for. Both writers use it. Strings are views into the record, still escaped, and empty if the
// record has no value.

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

// The user whom an account, access or group change is about; for a sign-in the actor.
NamedThing TargetUserOf(const RecordFacts& facts);

// The group or team of a group change.
NamedThing GroupOf(const RecordFacts& facts);

// The folder whose permissions changed: Folder, in older records the parent of Item.
JsonValue PermissionFolder(const RecordFacts& facts);

// Id and title of a finding. Without a title of its own it has the operation as its title.
NamedThing FindingOf(const RecordFacts& facts);

// NewValue can be a JSON list of one string: ["x"] with line breaks, escaped once more. Returns the
// inside of that string, and any other value unchanged.
std::string_view UnwrapList(std::string_view escaped);

// Whether the string contains characters that JSON must escape. Escapes that are only allowed (\/,
// \u00e4) do not count.
bool HasNeededEscapes(std::string_view escaped);

// Whether a string has the shape of a mail address.
bool LooksLikeAddress(std::string_view text);

// The position of the last escaped backslash; npos if there is none. A string must not be cut at
// any other escape.
size_t FindLastBackslash(std::string_view escaped);

bool IsAboutFile(const RecordFacts& facts);
// The name of the file: the last part of its path if the record has no name.
std::string_view FileNameOf(const RecordFacts& facts);

struct MailFacts {
  std::string_view from;
  std::string_view sender;  // who sent it, if that is not `from`
  std::string_view subject;
  std::string_view message_id;
  const JsonValue* recipients = nullptr;  // a list; never null
};
// The mail that was sent, or the mail of a threat.
MailFacts MailOf(const RecordFacts& facts);

// The new value of a property, or the old one if the property was removed. A list of one string
// gives that string.
std::string_view PropertyOf(const RecordFacts& facts, std::string_view name);

// The new value only; empty if the property was removed.
std::string_view NewValueOf(const RecordFacts& facts, std::string_view name);

// What an inbox rule of a mailbox record does with mail (OperationProperties, RuleActions), apart
// from its recipients.
struct InboxRuleActions {
  std::string_view move_to_folder;
  bool deletes = false;
};
InboxRuleActions ActionsOf(const RecordFacts& facts);

enum class RuleRecipients { kForward, kRedirect, kForwardAsAttachment };

// The text between two tags in EventData, such as "<Group>Owners</Group>"; empty if one is missing.
std::string_view EventDataOf(const RecordFacts& facts, std::string_view tag,
                             std::string_view end_tag);

// The permission that was shared: "<Permissions granted>", or for a link "<Type>", in EventData,
// else Permission.
std::string_view PermissionOf(const RecordFacts& facts);

// The name of ItemType, also if the record has the number: "Folder" for 5.
std::string_view ItemTypeOf(const AuditRecord& record);

// A string without its quotes, or a number as written; empty for anything else. Ids can be either.
std::string_view ScalarText(const JsonValue& value);

// How a rule for an endpoint is enforced: EnforcementMode of the record, else of EndpointMetaData,
// a number or a word.
enum class EnforcementMode : uint8_t {
  kUnknown,
  kAudit,
  kWarn,  // blocked unless the user overrides
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

// Calls `function(name, size)` for each attachment of a mail; size is -1 if it is unknown. Records
// describe attachments in prose: "a.docx (34816b); b (copy).pdf (12b)".
template <typename Function>
void ForEachAttachment(std::string_view text, Function function) {
  while (!text.empty()) {
    // The size marks the end of an attachment: names can contain brackets and semicolons.
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

// The value of the first leaf of this name in RecordFacts::decoded.
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
    decoded.remove_prefix(1);                        // the brace
    if (!decoded.empty()) decoded.remove_prefix(1);  // the comma
  }
}

// Calls `function(key, value)` for each leaf of an inbox rule's actions. "ActionType" is the first
// leaf of an action.
template <typename Function>
void ForEachRuleAction(const RecordFacts& facts, Function function) {
  static constexpr std::string_view kPath = "OperationProperties.RuleActions.";
  ForEachDecoded(facts.decoded, [&](std::string_view name, std::string_view value) {
    if (name.substr(0, kPath.size()) == kPath) function(name.substr(kPath.size()), value);
  });
}

// Calls `function(kind, address)` for each recipient in an inbox rule's actions.
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

// Calls `function` with the address of each recipient: a string, or the Address of an object.
template <typename Function>
void ForEachRecipient(const RecordFacts& facts, const MailFacts& mail, Function function) {
  facts.tokens().ForEach(*mail.recipients, [&](const JsonValue& member) {
    const std::string_view address =
        member.is_text() ? member.inner() : facts.MemberText(member, "Address");
    if (member.is_text() || !address.empty()) function(address);
  });
}

}  // namespace picket::parser
