#pragma once

// An audit record next to its event, field by field: where each field went, which fields kept their
// own name, and which fields the mapping added.

#include <string>
#include <string_view>

namespace picket {

// Appends the comparison as text, with one line for each field:
//   FileAccessed  2026-03-02T08:07:13  ->  File Hosting Activity: Open
//     -> UserId         adele@contoso.example   actor.user.name, actor.user.email_addr
//      . SupportTicketId  ""                      unmapped.SupportTicketId
//     +  class_uid      6006
// "->" marks a field that was mapped, "." one that is kept under its own name, "+" one that is not
// in the record, "!" one that is missing in the event. `colours`: colours the marks as well.
// Control characters are printed as '?'; long values are cut.
void AppendSideBySideText(std::string_view record, std::string_view event, bool colours,
                          std::string& out);

// Appends the comparison as one line of JSON:
// {"record":{…},"event":{…},"fields":[{"field":"UserId","mapped":true,"to":["actor.user.name"]},…]}
void AppendSideBySideJson(std::string_view record, std::string_view event, std::string& out);

// Separates `event` into the record, which is in raw_data, and the event without raw_data and
// raw_data_size.
struct EventWithoutRaw {
  std::string record;
  std::string event;
};
EventWithoutRaw SplitRawData(std::string_view event);

}  // namespace picket
