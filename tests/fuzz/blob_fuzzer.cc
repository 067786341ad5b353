// Normalises arbitrary bytes as a content blob. Every event must be JSON, and every rejected record
// must keep its bytes. The normaliser can read a whole blob at once or record by record. Both ways
// must give the same result. The result must not depend on the CPU either: simdjson has an
// implementation for each instruction set, and this test uses each one that this CPU supports.

#include <simdjson.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/metrics.h"
#include "parser/normalizer.h"

namespace {

using picket::parser::BlobSource;
using picket::parser::NormalizedBatch;
using picket::parser::Normalizer;

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void RequireSame(const NormalizedBatch& a, const NormalizedBatch& b) {
  Require(a.text.view() == b.text.view(), "both paths and all kernels give the same events");
  Require(a.events.size() == b.events.size(), "both paths give the same number of events");
  Require(a.rejected.size() == b.rejected.size(), "both paths reject the same number of records");
  for (size_t i = 0; i < a.rejected.size(); ++i) {
    Require(a.rejected[i].bytes == b.rejected[i].bytes && !a.rejected[i].bytes.empty(),
            "a rejected record keeps its bytes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static picket::Metrics* const metrics = new picket::Metrics();
  static simdjson::dom::parser* const parser = new simdjson::dom::parser();
  const std::string_view blob(reinterpret_cast<const char*>(data), size);
  NormalizedBatch a;
  bool first = true;
  for (const simdjson::implementation* const kernel : simdjson::get_available_implementations()) {
    if (!kernel->supported_by_runtime_system()) continue;
    simdjson::get_active_implementation() = kernel;
    for (const bool record_by_record : {false, true}) {
      NormalizedBatch b;
      Normalizer normalizer({.record_by_record = record_by_record}, *metrics);
      const BlobSource source{.content_created = "2026-03-01T00:00:00Z", .ecs = true};
      normalizer.Normalize(source, blob, first ? a : b);
      if (!first) RequireSame(a, b);
      first = false;
    }
  }
  Require(a.empty_blob == (a.events.empty() && a.rejected.empty()), "an empty blob has no record");
  for (const NormalizedBatch::Event& event : a.events) {
    simdjson::dom::element root;
    Require(parser->parse(a.text.data() + event.begin, event.size).get(root) == simdjson::SUCCESS,
            "an event is JSON");
    int64_t class_uid = 0;
    Require(root["class_uid"].get(class_uid) == simdjson::SUCCESS && class_uid == event.class_uid,
            "an event carries its class");
    Require(parser->parse(a.text.data() + event.ecs_begin, event.ecs_size).get(root) ==
                simdjson::SUCCESS,
            "an ECS event is JSON");
  }
  return 0;
}
