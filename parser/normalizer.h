#pragma once

// Converts audit records to OCSF and ECS events, in memory. The normaliser is used by the parser
// stage and by the commands `normalize` and `replay`.
//
// A blob is read in one of two ways, which produce the same events:
//   The fast path indexes the whole blob and reads its records one after the other.
//   If anything is unusual, RecordSalvage splits the blob instead. Each record is then read by
//   itself, and is repaired (json/json_repair.h), unwrapped (parser/input/unwrapper.h) and masked
//   (parser/masking.h) where necessary.
// Each record then passes through AuditRecord (fields), FactFinder (facts), and WriteOcsfEvent and
// WriteEcsEvent (parser/mapping/).

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/metrics.h"
#include "model/written_date.h"
#include "parser/duplicates/record_id.h"
#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

class GeoFiles;
class RecordMask;

// Properties of a blob that are not part of its bytes.
struct BlobSource {
  // The canonical tenant id. If empty, each record belongs to the tenant in its OrganizationId, or
  // to `fallback_tenant` if the record has no OrganizationId.
  std::string_view tenant;
  // For example "Audit.Exchange"; may be empty. The sender of the message can set any string. The
  // event contains at most 256 bytes of the string, escaped and as valid UTF-8.
  std::string_view content_type;
  // RFC 3339; the time of records without a time of their own. If empty, the next known one of
  // `fetched_at`, `processed_time_ms` and 1970 is used. May be empty.
  std::string_view content_created;
  int64_t processed_time_ms = -1;  // arrival time for metadata.processed_time; -1 if unknown
  std::string_view fetched_at;     // RFC 3339, for metadata.logged_time; may be empty
  // Whether Picket's own fetcher produced the blob. If not, a record whose OrganizationId differs
  // from `tenant` is rejected (docs/formats.md).
  bool own_fetcher = true;
  bool ecs = false;  // whether the ECS event of each record is also written
  // The tenant's mask, or nullptr if nothing is masked. The fast path is not used with a mask.
  const RecordMask* mask = nullptr;
  // If `tenant` is empty, records without an OrganizationId get this tenant. If `fallback_tenant`
  // is also empty, such records get the nil GUID.
  std::string_view fallback_tenant;
  // How to read times such as 3/2/2026 8:07:13. The API does not write such times.
  DateOrder date_order = DateOrder::kMonthFirst;
};

// The result of normalising one blob. Events refer to `text` by position, because `text` may be
// reallocated while it grows.
struct NormalizedBatch {
  struct Event {
    // Initialises no member. Every member is set when the event is written, and writing zeros first
    // would double the cost.
    Event() {}                   // NOLINT(modernize-use-equals-default)
    size_t begin, size;          // the OCSF event in `text`
    size_t ecs_begin, ecs_size;  // the ECS event in `text`; size 0 if not requested
    size_t uid_begin, uid_size;  // the event uid (tenant|record Id), which is the key on `events`
    size_t tenant_begin, tenant_size;
    int index;         // the record's index in the blob
    uint16_t remarks;  // bits of Remark (parser/mapping/remarks.h)
    RecordId id;
    int32_t hour;  // hour of CreationTime since the epoch
    int64_t time_ms;
    int32_t class_uid;
  };
  // Bytes for the topic `dead-letters`.
  struct Rejected {
    int index;  // the record's index in the blob; -1 for the whole blob
    // A view of a part of the blob. If the record is in a list that is JSON in a string, or if the
    // tenant has a mask, `bytes` is a view of a string in `owned_bytes` instead. With a mask,
    // `bytes` is empty if the record could not be read.
    std::string_view bytes;
    // A constant such as "not_json", "not_an_object", "too_large" or "foreign_tenant".
    std::string_view reason;
    std::string error;
    // If true, the record also has an event, which lacks `unmapped`. In this case, `bytes` contains
    // the whole record.
    bool has_event = false;
    // The position in the blob of the record, or of the wrapper that contains its list.
    size_t position = 0;
  };
  ByteBuffer text;
  std::vector<Event> events;
  std::vector<Rejected> rejected;
  std::deque<std::string> owned_bytes;  // of rejected records that are not in the blob as they are
  bool empty_blob = false;              // true if the blob contains no record

  std::string_view Json(const Event& e) const { return {text.data() + e.begin, e.size}; }
  std::string_view Ecs(const Event& e) const { return {text.data() + e.ecs_begin, e.ecs_size}; }
  std::string_view Uid(const Event& e) const { return {text.data() + e.uid_begin, e.uid_size}; }
  std::string_view Tenant(const Event& e) const {
    return {text.data() + e.tenant_begin, e.tenant_size};
  }
  // Returns the number of records in the blob: records with an event plus records that were only
  // rejected.
  size_t records() const;
  void Clear();
};

struct NormalizerOptions {
  bool raw_data = false;  // if true, each event contains the record's own bytes
  // If true, ECS events name some operations as Elastic's integration does.
  bool elastic_actions = false;
  std::shared_ptr<GeoFiles> geo;  // to locate source addresses; nullptr if not configured
  bool record_by_record = false;  // if true, the fast path is not used; the events are the same
};

// Converts the records of blobs to events.
// Threads: an object is used by one thread. Lifetime: each worker has its own normaliser, which
// keeps its buffers. Once the buffers have grown, reading a record allocates no memory. Failure: no
// function fails; see NormalizedBatch::Rejected.
class Normalizer {
 public:
  Normalizer(const NormalizerOptions& options, Metrics& metrics);
  ~Normalizer();

  // Replaces `out` with the events of a blob, which is a JSON array of records or a single record.
  // Every record becomes an event or is rejected. If the event of a record is too large, the record
  // may become an event without `unmapped` and also be rejected.
  void Normalize(const BlobSource& source, std::string_view blob, NormalizedBatch& out);

  // Normalize collects counts. Commit adds these counts to the metrics, and Abort drops them. A
  // command that shows no metrics need not call either function.
  void Commit();
  void Abort();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
