#pragma once

// Audit records as other tools export or forward them: wrapped, with renamed fields, or as rows of
// a search. Each is converted back into the record that the Management Activity API would have
// returned, so that it becomes the same event and counts as the same record.

#include <memory>
#include <string>
#include <string_view>

namespace picket::parser {

// The array of records in an envelope: {"value": […], …} of a Graph response, or {"records": […]}
// of an Event Hub. From its opening bracket to its end, or to the end of the text if that is cut
// off. Empty if `text` is not an envelope. An object with an Operation is a record, never an
// envelope. Complexity: linear.
std::string_view EnvelopeRecords(std::string_view text);

// Converts a wrapped record back into a native one:
//   Graph security/auditLogRecord   camelCase names, auditData as an object or as a JSON string
//   unified audit log search        AuditData, as an object or as a JSON string, next to
//                                   CreationDate, UserIds, …
//   Wazuh                           {integration, office365}, also as `data` of an alert and in its
//                                   index entry; every scalar in it is a string
//   Sentinel OfficeActivity         renamed columns, lists as JSON strings, empty cells
//   shippers                        the record as a JSON string or an object in message,
//                                   event.original, log, _raw, result
// Fields that the wrapper adds go to the member `wrapper` of the native record, in their order,
// with the wrapper's own names (dotted if they are nested) and all values as strings:
//   {"format":"graph","fields":[{"name":"administrativeUnits","value":"…"},…]}
// Threads: one. Lifetime: one per normaliser; keeps its buffers. Failure: none; a record that is
// not wrapped is left unchanged.
class Unwrapper {
 public:
  Unwrapper();
  ~Unwrapper();

  // `record` is a JSON object that has been walked. Returns false if it is not a wrapped record;
  // `native` is then undefined.
  bool Unwrap(std::string_view record, std::string& native);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
