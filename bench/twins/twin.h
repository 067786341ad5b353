#pragma once

// A second implementation of the mapping of audit records to OCSF events, written plainly over a
// DOM library: parse the blob, look into the tree, build the event as a tree, serialise it. It uses
// the same tables of model/ and shares no code with parser/. Tests check the normaliser against it,
// and the benchmark compares their speed.
//
// Not implemented: damaged blobs, wrappers, masks, places of addresses, `raw_data` and its hash (a
// tree does not have the bytes of the record), ECS, and events above 6 MiB.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parser/normalizer.h"

namespace picket::twins {

struct TwinBatch {
  struct Event {
    size_t begin, size;  // in `text`
  };
  std::string text;
  std::vector<Event> events;
  size_t rejected = 0;  // records that are not objects or have no Operation

  std::string_view Json(const Event& event) const {
    return std::string_view(text).substr(event.begin, event.size);
  }
};

// Threads: one. Lifetime: keeps its buffers from blob to blob, as far as its library allows.
class Twin {
 public:
  virtual ~Twin() = default;
  // Replaces `out` by the events of the blob: an array of records or one record. Returns false if
  // the blob is not JSON.
  virtual bool Normalize(const parser::BlobSource& source, std::string_view blob,
                         TwinBatch& out) = 0;
};

// nlohmann::ordered_json. Of repeated members of an object it keeps only the last, so that its
// events have neither `dup_key` nor `duplicate_keys`.
std::unique_ptr<Twin> MakeNlohmannTwin();
// rapidjson::Document, parsed in situ, with pool allocators that are reused.
std::unique_ptr<Twin> MakeRapidJsonTwin();

}  // namespace picket::twins
