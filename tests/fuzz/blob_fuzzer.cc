// Any bytes as a content blob: what comes out is JSON, nothing is lost, and both ways of reading give the same bytes.

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static picket::Metrics* const metrics = new picket::Metrics();
  static simdjson::dom::parser* const parser = new simdjson::dom::parser();
  // New ones each time, or the last good time of one input would show in the next.
  Normalizer whole({}, *metrics);
  Normalizer single({.record_by_record = true}, *metrics);
  NormalizedBatch a;
  NormalizedBatch b;
  const std::string_view blob(reinterpret_cast<const char*>(data), size);
  const BlobSource source{.content_created = "2026-03-01T00:00:00Z"};
  whole.Normalize(source, blob, a);
  single.Normalize(source, blob, b);
  Require(a.text.view() == b.text.view(), "both paths give the same events");
  Require(a.events.size() == b.events.size(), "both paths give as many events");
  Require(a.rejected.size() == b.rejected.size(), "both paths reject as many records");
  Require(a.empty_blob == (a.events.empty() && a.rejected.empty()), "an empty blob has no record");
  for (const NormalizedBatch::Event& event : a.events) {
    simdjson::dom::element root;
    Require(parser->parse(a.text.data() + event.begin, event.size).get(root) == simdjson::SUCCESS,
            "an event is JSON");
    int64_t class_uid = 0;
    Require(root["class_uid"].get(class_uid) == simdjson::SUCCESS && class_uid == event.class_uid,
            "an event carries its class");
  }
  for (size_t i = 0; i < a.rejected.size(); ++i) {
    Require(a.rejected[i].bytes == b.rejected[i].bytes && !a.rejected[i].bytes.empty(),
            "a rejected record keeps its bytes");
  }
  return 0;
}
