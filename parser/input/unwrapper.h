#pragma once

// Audit records as other tools hand them on: wrapped, renamed, as rows of a search. Each is turned back into the record
// that the Management Activity API would have given, so that it makes the same event and counts as the same record.

#include <memory>
#include <string>
#include <string_view>

namespace picket::parser {

// The records of an envelope, {"value": […], …} of a Graph response or {"records": […]} of an Event Hub, from the
// bracket of the array to its end (or to the end of the text where that is cut off); empty when `text` is none.
// A record is no envelope, whatever it has: it has an Operation.
// Complexity: linear.
std::string_view EnvelopeRecords(std::string_view text);

// The native name of what a wrapper or a row calls otherwise: "userPrincipalName" → "UserId", "OfficeObjectId" →
// "ObjectId"; empty for any other name.
std::string_view NativeName(std::string_view name);

// Turns a wrapped record back into a native one:
//   Graph security/auditLogRecord   camelCase names, auditData as an object or as JSON text
//   unified audit log search        AuditData, as an object or as JSON text, beside CreationDate, UserIds, …
//   Wazuh                           {integration, office365}, also as `data` of an alert and in its index entry; every
//                                   scalar there is a text
//   Sentinel OfficeActivity         renamed columns, lists as JSON text, empty cells
//   shippers                        the record as JSON text or object in message, event.original, log, _raw, result
// What the wrapper adds goes into the member `wrapper` of the native record:
//   {"format":"graph","fields":[{"name":"administrativeUnits","value":"…"},…]}
// with the wrapper's own names (dotted where they lie deeper) and every value as text, in order.
// Threads: one. Lifetime: one a normaliser; keeps its buffers. Failure: none; what is no wrapper is left alone.
class Unwrapper {
 public:
  Unwrapper();
  ~Unwrapper();

  // `record` is one JSON object that has been walked. False: no wrapper of a record; `native` means nothing then.
  bool Unwrap(std::string_view record, std::string& native);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
