#pragma once

// Finds the facts of an audit record (record_facts.h), once per record, for all writers.

#include <deque>
#include <string>
#include <string_view>

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/inner_json.h"
#include "parser/mapping/operation_cache.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Finds the facts of records. Makes no allocation once its buffers are large enough.
// Threads: Only one thread may use an instance. Lifetime: Each normaliser has one instance, which
// keeps its buffers.
class FactFinder {
 public:
  FactFinder();
  // Finds the facts of one record. The facts are views into `record` and `frame`, and are valid
  // until the next call.
  const RecordFacts& Find(const AuditRecord& record, const EventFrame& frame);

 private:
  void FindMapping();
  void FindUserActivity();
  void FindLabels();
  void FindOutcome();
  void FindSeverity();
  void FindActor();
  void FindDevice();
  void FindClient();
  void FindAddresses();
  void AddAddresses(const JsonValue& value);
  void FindServer();
  void FindDecoded();
  void Decode(std::string_view name, std::string_view escaped, bool always_json);
  void NoteResult(InnerJson::Result result, bool always_json);

  RecordFacts facts_;
  OperationCache operations_;
  ByteBuffer decoded_;
  InnerJson inner_json_;
  std::string decoded_name_;
  // The unescaped addresses of this record. facts_.addresses refers to these strings.
  std::deque<std::string> unescaped_addresses_;
};

}  // namespace picket::parser
