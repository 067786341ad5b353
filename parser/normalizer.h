#pragma once

// Audit records in, OCSF and ECS events out, in memory. The parser stage, `normalize` and `replay` all run it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/metrics.h"
#include "parser/duplicates/record_id.h"
#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

class GeoFiles;
class RecordMask;

// What is known of a blob besides its bytes.
struct BlobSource {
  std::string_view tenant;  // canonical; empty: each record's OrganizationId, else the nil GUID
  std::string_view content_type;     // "Audit.Exchange"; may be empty
  std::string_view content_created;  // RFC 3339; the time of records that have none; may be empty
  int64_t processed_time_ms = -1;    // its arrival, becomes metadata.processed_time; -1: none
  std::string_view fetched_at;       // RFC 3339, becomes metadata.logged_time; may be empty
  bool own_fetcher =
      true;          // false: a record of another OrganizationId is rejected (docs/formats.md)
  bool ecs = false;  // also the ECS projection of each event
  const RecordMask* mask =
      nullptr;  // of the tenant; nullptr: nothing is masked. It costs the fast path
  std::string_view
      fallback_tenant;  // where `tenant` is empty: of records without OrganizationId, before the nil GUID
};

// The result of one blob. Offsets are into `text`, so that growing it moves nothing.
struct NormalizedBatch {
  struct Event {
    // Sets nothing: all of it is set where an event is made, and zeros written first cost as much as that.
    Event() {}                   // NOLINT(modernize-use-equals-default)
    size_t begin, size;          // the event's JSON in `text`
    size_t ecs_begin, ecs_size;  // its ECS projection; size 0: not asked for
    size_t uid_begin, uid_size;  // event uid = tenant + record Id, the key on `events`
    size_t tenant_begin, tenant_size;
    int index;  // of the record in the blob
    RecordId id;
    int32_t hour;  // hours since the epoch of CreationTime
    int64_t time_ms;
    int32_t class_uid;
  };
  // A record that is no event: its bytes go to `dead-letters`.
  struct Rejected {
    int index;  // -1: the whole blob
    // Into the blob; of a tenant with a mask into `masked`, and empty where the record could not be read.
    std::string_view bytes;
    std::string_view
        reason;  // constant: "not_json", "not_an_object", "too_large", "foreign_tenant", …
    std::string error;
    bool has_event = false;  // the event went out without `unmapped`, which is in these bytes
  };
  Bytes text;
  std::vector<Event> events;
  std::vector<Rejected> rejected;
  std::deque<std::string> masked;
  bool empty_blob = false;

  std::string_view Json(const Event& e) const { return {text.data() + e.begin, e.size}; }
  std::string_view Ecs(const Event& e) const { return {text.data() + e.ecs_begin, e.ecs_size}; }
  std::string_view Uid(const Event& e) const { return {text.data() + e.uid_begin, e.uid_size}; }
  std::string_view Tenant(const Event& e) const {
    return {text.data() + e.tenant_begin, e.tenant_size};
  }
  // Each record once: an event, or rejected.
  size_t records() const;
  void Clear();
};

struct NormalizerOptions {
  bool raw_data = false;  // the record's own bytes in each event
  bool elastic_actions =
      false;  // ECS event.action as Elastic's integration renames some operations
  std::shared_ptr<GeoFiles> geo;  // places of source addresses; nullptr: none
  bool record_by_record = false;  // never the whole blob at once; the events are the same bytes
};

// Threads: one. Lifetime: one a worker; keeps its buffers, so that records cost no allocation once warm.
class Normalizer {
 public:
  Normalizer(const NormalizerOptions& options, Metrics& metrics);
  ~Normalizer();

  // Replaces `out` by the events of the blob (a JSON array of records, or one record). Every record is an event or
  // rejected, and few are both: out.records() is how many came in.
  void Normalize(const BlobSource& source, std::string_view blob, NormalizedBatch& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
