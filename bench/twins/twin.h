#pragma once

// Twins: simple implementations of the mapping of audit records to OCSF events, over a DOM library.
// A twin parses a blob to a tree, builds each event as another tree, and serialises the event.
// Tests compare its events with those of the normaliser, and a benchmark compares the speed. A twin
// uses the tables of model/, but shares no code with parser/.
//
// Twins do not support damaged blobs, wrappers, masks, places of addresses, ECS, or events above
// 6 MiB. They do not write `raw_data` and its hash either, because a tree does not contain the
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
  size_t rejected = 0;  // the number of records that are no objects or have no Operation

  std::string_view Json(const Event& event) const {
    return std::string_view(text).substr(event.begin, event.size);
  }
};

// A twin over one DOM library.
// Threads: Only one thread may use an instance. Lifetime: An instance reuses its buffers for the
// next blob, as far as its DOM library allows.
class Twin {
 public:
  virtual ~Twin() = default;
  // Replaces `out` with the events of a blob, which is an array of records or a single record.
  // Returns false if the blob is not JSON.
  virtual bool Normalize(const parser::BlobSource& source, std::string_view blob,
                         TwinBatch& out) = 0;
};

// Creates a twin over nlohmann::ordered_json. If members of an object have the same name, this
// library keeps only the last one. Therefore, the events never contain `dup_key` or
// `duplicate_keys`.
std::unique_ptr<Twin> MakeNlohmannTwin();
// Creates a twin over RapidJSON.
std::unique_ptr<Twin> MakeRapidJsonTwin();

}  // namespace picket::twins
