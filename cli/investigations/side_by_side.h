#pragma once

// A record next to the event that was made of it, field by field: what went where, what was kept as it is, what the
// mapping added.

#include <string>
#include <string_view>

namespace picket {

// Appends it for people, a line a field:
//   FileAccessed  2026-03-02T08:07:13  ->  File Hosting Activity: Open
//     -> UserId         adele@contoso.example   actor.user.name, actor.user.email_addr
//      . SupportTicketId  ""                      unmapped.SupportTicketId
//     +  class_uid      6006
// "->" a field that the mapping knows, "." one that is kept under its own name, "+" what is not in the record, "!" a field
// that is not found in the event. `colours`: marks by terminal colours too. Control characters of the record are
// shown as '?'; long values are cut.
void AppendBesideText(std::string_view record, std::string_view event, bool colours,
                      std::string& out);

// Appends it as one line of JSON: {"record":{…},"event":{…},"fields":[{"field":"UserId","to":["actor.user.name"]},…]}.
void AppendBesideJson(std::string_view record, std::string_view event, std::string& out);

// `event` with raw_data and what belongs to it split off: the record's text, and the event without.
struct EventWithoutRaw {
  std::string record;
  std::string event;
};
EventWithoutRaw SplitRawData(std::string_view event);

}  // namespace picket
