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

// Threads: one. Lifetime: one per normaliser; keeps its buffers. Makes no allocation once warm.
class FactFinder {
 public:
  FactFinder();
  // The facts view `record` and `frame`, and are valid until the next call.
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
  std::deque<std::string> unescaped_addresses_;  // of this record; facts_.addresses views them
};

}  // namespace picket::parser
