#pragma once

// Compares an audit record with its event, field by field. The comparison shows the place of each
// field in the event, the fields that kept their own names, and the fields that the mapping added.

#include <string>
#include <string_view>

namespace picket {

// Appends the comparison as text, with one line for each field:
//   FileAccessed  2026-03-02T08:07:13  ->  File Hosting Activity: Open
//     -> UserId         adele@contoso.example   actor.user.name, actor.user.email_addr
//      . SupportTicketId  ""                      unmapped.SupportTicketId
//     +  class_uid      6006
// "->" marks a field that was mapped, "." a field that kept its own name, "+" a field that is only
// in the event, and "!" a field that is missing from the event. If `colours` is true, the marks are
// coloured. Control characters are escaped (cli/terminal_text.h). Long values of fields are cut.
void AppendSideBySideText(std::string_view record, std::string_view event, bool colours,
                          std::string& out);

// Appends the comparison as one line of JSON:
// {"record":{…},"event":{…},"fields":[{"field":"UserId","mapped":true,"to":["actor.user.name"]},…]}
void AppendSideBySideJson(std::string_view record, std::string_view event, std::string& out);

// The two parts of an event that contains its record. `record` is the content of raw_data. `event`
// is the event without raw_data and raw_data_size.
struct EventWithoutRaw {
  std::string record;
  std::string event;
};
EventWithoutRaw SplitRawData(std::string_view event);

}  // namespace picket
