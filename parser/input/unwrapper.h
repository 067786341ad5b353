#pragma once

// Converts audit records that other tools have exported or forwarded: wrapped records, records with
// renamed fields, and rows of a search. Every such record or row is converted back into a native
// record, which is the record that the Management Activity API would have returned. The converted
// record therefore becomes the same event as the native record, apart from the fields that the
// wrapper adds. The converted record is also recognised as a duplicate of the native record.

#include <memory>
#include <string>
#include <string_view>

#include "model/written_date.h"

namespace picket::parser {

// Returns the array of records in an envelope, with its brackets. An envelope is an object with a
// list of records, such as a Graph response {"value": […], …}, an Event Hub message
// {"records": […]}, a search result of Elasticsearch or Splunk, or a shipper's {"message": […]}. If
// the array is cut off, the result extends to the end of the text. The list may also be JSON in a
// string. In this case, the function reads it only if `decoded` is given, and the result is a view
// of `decoded`. Returns an empty view if `text` is not an envelope. An object with an Operation is
// a record and never an envelope. Complexity: linear.
std::string_view EnvelopeRecords(std::string_view text, std::string* decoded = nullptr);

// Converts a wrapped record back into a native record. The supported wrappers are:
//   Graph security/auditLogRecord   camelCase names, auditData as an object or as a JSON string;
//                                   Pascal case and AuditData.AdditionalProperties of its
//                                   PowerShell SDK
//   unified audit log search        AuditData, as an object or as a JSON string, next to
//                                   CreationDate, UserIds, …
//   Defender CloudAppEvents         RawEventData, also in the `properties` of an Event Hub message
//   Wazuh                           {integration, office365}, also as `data` of an alert and in the
//                                   alert's index entry; every scalar is a string
//   Sentinel OfficeActivity         renamed columns, lists as JSON strings, empty cells
//   Filebeat                        o365audit
//   flattened exports               see parser/input/flattened_record.h
//   shippers                        the record as a JSON string or an object in message,
//                                   event.original, log, _raw, result, full_message, or, in an
//                                   object without an Operation, in any member
// Fields that the wrapper adds are kept in the member `wrapper` of the native record. The fields
// keep their names from the wrapper (dotted if nested), and all values are strings:
//   {"format":"graph","fields":[{"name":"administrativeUnits","value":"…"},…]}
// Threads: One thread uses an instance. Lifetime: each normaliser has its own unwrapper, which
// keeps its buffers. Failure: no function fails. Unwrap returns false for a record that is not
// wrapped.
class Unwrapper {
 public:
  Unwrapper();
  ~Unwrapper();

  // Sets how dates such as 3/2/2026 are read.
  void SetDateOrder(DateOrder order);

  // Replaces `native` with the native record. `record` must be a JSON object that JsonWalker has
  // accepted (json/json_walker.h). If `record` is not a wrapped record, returns false, and the
  // content of `native` is unspecified.
  bool Unwrap(std::string_view record, std::string& native);
  // Does the same for a record that has every mandatory field, but flattened lists or objects
  // (AuditRecord::is_flattened).
  void RestoreFlattened(std::string_view record, std::string& native);

  // Returns true if the last record had text of PowerShell in place of a list or an object.
  bool has_lost_nesting() const;

 private:
  void Write(std::string& native);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
