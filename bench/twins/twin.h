#pragma once

// The mapping of audit records to OCSF events once more, written plainly over a DOM library: parse the blob, look into
// the tree, build the event as a tree, serialise it. It reads the same tables of model/ and shares no code with parser/.
// Two uses: tests prove the normaliser by it, and the benchmark is measured against it.
//
// What it does not do: damaged blobs, wrappers, masks, places of addresses, `raw_data` and its hash (a tree
// has lost the record's bytes), ECS, and events above 6 MiB.

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
  size_t rejected = 0;  // no objects, or without an Operation

  std::string_view Json(const Event& event) const {
    return std::string_view(text).substr(event.begin, event.size);
  }
};

// Threads: one. Lifetime: keeps what its library lets it keep from blob to blob.
class Twin {
 public:
  virtual ~Twin() = default;
  // Replaces `out` by the events of the blob, an array of records or one record. False when it is no JSON.
  virtual bool Normalize(const parser::BlobSource& source, std::string_view blob,
                         TwinBatch& out) = 0;
};

// nlohmann::ordered_json. Of members that stand twice in an object it keeps the last, so that neither `dup_key` nor
// `duplicate_keys` comes of it.
std::unique_ptr<Twin> MakeNlohmannTwin();
// rapidjson::Document, parsed in situ, with pool allocators that are used again.
std::unique_ptr<Twin> MakeRapidJsonTwin();

}  // namespace picket::twins
