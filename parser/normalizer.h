#pragma once

// Converts audit records to OCSF and ECS events, in memory. The parser stage, `normalize` and
// `replay` all use it.
//
// A record takes one of two paths, which give the same events:
//   the whole blob is indexed and its records are read one after the other (the fast path); or, if
//   anything is unusual, RecordSalvage splits the blob, and each record is read by itself, repaired
//   (json/json_repair.h), unwrapped (parser/input/unwrapper.h) and masked (parser/masking.h)
// then: AuditRecord (fields) → FactFinder (facts) → WriteOcsfEvent, WriteEcsEvent (parser/mapping/)

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
  std::string_view
      tenant;  // canonical; empty: each record's OrganizationId, else `fallback_tenant`
  std::string_view content_type;     // "Audit.Exchange"; may be empty
  std::string_view content_created;  // RFC 3339; the time of records without one; may be empty
  int64_t processed_time_ms = -1;    // arrival, for metadata.processed_time; -1: unknown
  std::string_view fetched_at;       // RFC 3339, for metadata.logged_time; may be empty
  // False: a record with another OrganizationId than `tenant` is rejected (docs/formats.md).
  bool own_fetcher = true;
  bool ecs = false;  // also write the ECS event of each record
  // The tenant's mask; nullptr: nothing is masked. With a mask the fast path is not used.
  const RecordMask* mask = nullptr;
  // If `tenant` is empty: for records without OrganizationId, instead of the nil GUID.
  std::string_view fallback_tenant;
};

// The result of one blob. Events are positions in `text`, so that `text` may grow.
struct NormalizedBatch {
  struct Event {
    // Initialises nothing: every member is set when the event is written, and writing zeros first
    // costs as much again.
    Event() {}                   // NOLINT(modernize-use-equals-default)
    size_t begin, size;          // of the event's JSON in `text`
    size_t ecs_begin, ecs_size;  // of its ECS event; size 0: none was requested
    size_t uid_begin, uid_size;  // of the event uid, tenant|record Id, which is the key on `events`
    size_t tenant_begin, tenant_size;
    int index;  // of the record in the blob
    RecordId id;
    int32_t hour;  // of CreationTime, since the epoch
    int64_t time_ms;
    int32_t class_uid;
  };
  // ByteBuffer for `dead-letters`.
  struct Rejected {
    int index;  // of the record in the blob; -1: the whole blob
    // Part of the blob. If the tenant has a mask: part of `masked`, or empty if the record could not
    // be read.
    std::string_view bytes;
    // A constant: "not_json", "not_an_object", "too_large", "foreign_tenant", …
    std::string_view reason;
    std::string error;
    // The record also has an event, but without `unmapped`, which is in these bytes.
    bool has_event = false;
  };
  ByteBuffer text;
  std::vector<Event> events;
  std::vector<Rejected> rejected;
  std::deque<std::string> masked;
  bool empty_blob = false;  // the blob contains no record

  std::string_view Json(const Event& e) const { return {text.data() + e.begin, e.size}; }
  std::string_view Ecs(const Event& e) const { return {text.data() + e.ecs_begin, e.ecs_size}; }
  std::string_view Uid(const Event& e) const { return {text.data() + e.uid_begin, e.uid_size}; }
  std::string_view Tenant(const Event& e) const {
    return {text.data() + e.tenant_begin, e.tenant_size};
  }
  // The number of records in the blob: those with an event, and those only rejected.
  size_t records() const;
  void Clear();
};

struct NormalizerOptions {
  bool raw_data = false;  // each event contains the record's own bytes
  // ECS events name some operations as Elastic's integration does.
  bool elastic_actions = false;
  std::shared_ptr<GeoFiles> geo;  // for the places of source addresses; nullptr: none
  bool record_by_record = false;  // never use the fast path; the events are the same bytes
};

// Threads: one. Lifetime: one per worker; keeps its buffers, so that records cost no allocation once
// they have grown. Failure: none; see NormalizedBatch::Rejected.
class Normalizer {
 public:
  Normalizer(const NormalizerOptions& options, Metrics& metrics);
  ~Normalizer();

  // Replaces `out` by the events of the blob: a JSON array of records, or one record. Every record
  // becomes an event or is rejected; one whose event is too large may be both.
  void Normalize(const BlobSource& source, std::string_view blob, NormalizedBatch& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
