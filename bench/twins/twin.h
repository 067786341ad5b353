#pragma once

// A second implementation of the mapping of audit records to OCSF events. It is written plainly
// over a DOM library: it parses the blob, reads the tree, builds the event as another tree, and
// serialises the event. The implementation uses the same tables of model/ as the normaliser, and
// shares no code with parser/. Tests compare the events of both implementations, and the benchmark
// compares their speed.
//
// A twin does not support damaged blobs, wrappers, masks, places of addresses, ECS, or events above
// 6 MiB. It does not write `raw_data` and its hash either, because a tree does not contain the
// bytes of the record.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parser/normalizer.h"

namespace picket::twins {

struct TwinBatch {
  struct Event {
    size_t begin, size;  // the position of the event in `text`
  };
  std::string text;
  std::vector<Event> events;
  size_t rejected = 0;  // records that are not objects or have no Operation

  std::string_view Json(const Event& event) const {
    return std::string_view(text).substr(event.begin, event.size);
  }
};

// An implementation over one DOM library.
// Threads: Only one thread may use an instance. Lifetime: An instance keeps its buffers from blob
// to blob, as far as its library allows.
class Twin {
 public:
  virtual ~Twin() = default;
  // Replaces `out` with the events of a blob, which is an array of records or a single record.
  // Returns false if the blob is not JSON.
  virtual bool Normalize(const parser::BlobSource& source, std::string_view blob,
                         TwinBatch& out) = 0;
};

// Creates a twin over nlohmann::ordered_json. This library keeps only the last of several members
// with the same name, so the events have neither `dup_key` nor `duplicate_keys`.
std::unique_ptr<Twin> MakeNlohmannTwin();
// Creates a twin over rapidjson::Document, which parses in situ and reuses its pool allocators.
std::unique_ptr<Twin> MakeRapidJsonTwin();

}  // namespace picket::twins
