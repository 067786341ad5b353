#pragma once

// Whom and what a record is about: the user, group, file, mail or finding that its mapping row names. Both writers ask
// here. Texts are views into the record, still escaped; an empty one says that the record has none.

#include <string_view>

#include "parser/record_facts.h"

namespace picket::parser {

struct NamedThing {
  std::string_view name;
  std::string_view uid;
  bool known() const { return !name.empty() || !uid.empty(); }
};

// The user that an account, access or group change is about; the actor of a sign-in.
NamedThing TargetUserOf(const RecordFacts& facts);

// The group or team of a group change.
NamedThing GroupOf(const RecordFacts& facts);

// What folder permissions are about: Folder, in older records the parent of Item.
JsonValue PermissionFolder(const RecordFacts& facts);

// Identity and title of a finding; without one of its own the event's stands for it.
NamedThing FindingOf(const RecordFacts& facts);

// Where the last escaped backslash begins, npos without: any other escape is no place to cut a text at.
size_t FindLastBackslash(std::string_view escaped);

// Whether the record is about a file, and the last part of its path.
bool IsAboutFile(const RecordFacts& facts);
std::string_view FileNameOf(const RecordFacts& facts);

struct MailFacts {
  std::string_view from;
  std::string_view sender;  // who sent it where that is not `from`
  std::string_view subject;
  std::string_view message_id;
  const JsonValue* recipients = nullptr;  // a list of texts; never null
};
// The mail of a sending or of a threat.
MailFacts MailOf(const RecordFacts& facts);

// The new value of a property, or the old one where it was removed; a list of one text as that text.
std::string_view PropertyOf(const RecordFacts& facts, std::string_view name);

// What an inbox rule of a mailbox record does (OperationProperties, RuleActions); the first of each kind.
struct InboxRuleActions {
  std::string_view forward_to;
  std::string_view redirect_to;
  std::string_view forward_as_attachment_to;
  std::string_view move_to_folder;
  bool deletes = false;
};
InboxRuleActions ActionsOf(const RecordFacts& facts);

// "<Permissions granted>Edit</Permissions granted>" in EventData; Permission where the record has one.
std::string_view PermissionOf(const RecordFacts& facts);

// Calls `function(name, value)` with each leaf of RecordFacts::decoded.
template <typename Function>
void ForEachDecoded(std::string_view decoded, Function function) {
  static constexpr std::string_view kName = "{\"name\":\"";
  static constexpr std::string_view kValue = "\",\"value\":\"";
  // Both texts are escaped, so the first quote without a backslash ends one.
  const auto take = [&](std::string_view before) {
    decoded.remove_prefix(before.size());
    size_t end = 0;
    while (decoded[end] != '"') end += decoded[end] == '\\' ? 2 : 1;
    const std::string_view text = decoded.substr(0, end);
    decoded.remove_prefix(end);
    return text;
  };
  while (!decoded.empty()) {
    const std::string_view name = take(kName);
    const std::string_view value = take(kValue);
    function(name, value);
    decoded.remove_prefix(2);                        // the quote and the brace
    if (!decoded.empty()) decoded.remove_prefix(1);  // the comma
  }
}

// Calls `function` with each member of a list that is a text.
template <typename Function>
void ForEachText(const RecordFacts& facts, const JsonValue& list, Function function) {
  facts.tokens().ForEach(list, [&](const JsonValue& member) {
    if (member.is_text()) function(member.inner());
  });
}

}  // namespace picket::parser
