#pragma once

// An audit record as an OCSF event: which class and activity the mapping says, and the attributes that the class asks
// for. The text of the source is copied as it stands, escapes and all.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "model/mapping.h"
#include "parser/audit_record.h"
#include "parser/bytes.h"

namespace picket::parser {

// What the normaliser has found out about the record before it is written.
struct EventFrame {
  std::string_view tenant;        // canonical
  std::string_view uid;           // tenant|Id
  std::string_view content_type;  // may be empty
  int64_t logged_time_ms = -1;    // fetched-at; -1: none
  int64_t time_ms = 0;
  uint16_t remarks = 0;
  bool raw_data = false;
};

// Threads: one. Lifetime: one a normaliser; keeps its buffers.
class EventWriter {
 public:
  EventWriter();
  ~EventWriter();

  // Appends the event of `record` to `out`; returns how it was mapped.
  Mapping Write(AuditRecord& record, const EventFrame& frame, Bytes& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
