#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/strings.h"
#include "kafka/message.h"
#include "simulator/content/published_blob.h"
#include "simulator/content/record_digest.h"

namespace picket {

// What the topics contain of a published blob.
enum class BlobEnd {
  kStored,       // each record is on `raw` once, or on `dead-letters` if it was too long
  kDead,         // the blob, or the rest of it, is on `dead-letters` with a reason
  kGap,          // a gap row on `coverage` names the blob, or covers the time of its creation
  kUnaccounted,  // there is no trace of the blob
  kIncomplete,   // records or messages of the blob are missing
  kDoubled,      // messages or records of the blob are on `raw` more than once
  kAltered,      // the number of records is right but their content is not, or a Finding is about
                 // a blob that was never published
};

struct AuditCounts {
  uint64_t blobs = 0;
  uint64_t stored = 0;
  uint64_t dead = 0;
  uint64_t in_gap = 0;
  uint64_t unaccounted = 0;
  uint64_t incomplete = 0;
  uint64_t doubled = 0;
  uint64_t altered = 0;
  uint64_t unknown = 0;         // blobs on `raw` that were never published
  uint64_t records = 0;         // of all published blobs
  uint64_t records_stored = 0;  // of the stored blobs
  uint64_t records_dead = 0;    // of the stored blobs: too long for a message
  uint64_t other_messages = 0;  // messages on `raw` of tenants that published nothing

  uint64_t wrong() const { return unaccounted + incomplete + doubled + altered + unknown; }
  friend bool operator==(const AuditCounts& a, const AuditCounts& b) = default;
};

// Compares the blobs that a simulator published with the topics raw, dead-letters and coverage. It
// does not read the ledger, so it also finds errors of the ledger.
// The caller first adds all published rows, and then the messages of the topics. The messages of
// each partition must be added in their order.
// Threads: One thread uses an instance.
// Memory: It keeps a few hundred bytes for each published blob and a map entry for each message of
// a blob beyond the first, but no content. It keeps Ids only for the blobs that TrackRecords names.
// Failure: None. It ignores dead letters and gap rows of unknown tenants and blobs.
class PublishAudit {
 public:
  void AddPublished(const simulator::PublishedBlob& blob);
  void AddRaw(const kafka::Message& message);
  void AddDeadLetter(const kafka::Message& message);
  void AddCoverage(const kafka::Message& message);
  // Forgets the messages but not the published rows, so that the topics can be read again.
  void ForgetMessages();

  AuditCounts Count() const;

  struct Finding {
    std::string tenant;
    std::string content_type;
    std::string content_id;
    BlobEnd end = BlobEnd::kUnaccounted;
    std::string detail;  // "2 of 5 messages are missing"
  };
  // Returns at most `limit` blobs that are unaccounted for, incomplete, doubled, altered or
  // unknown.
  std::vector<Finding> Findings(size_t limit) const;

  // Forgets the messages of a blob that was published after the rows were first read, so that Count
  // does not report the blob as unknown.
  void AcceptLaterBlob(const simulator::PublishedBlob& blob);

  // Makes a second reading keep the digests of the records of these blobs. Call ForgetMessages
  // before, and add all rows and messages again afterwards.
  void TrackRecords(const std::vector<Finding>& findings);
  // Call this after the second reading. Returns lines about at most `limit` records of a tracked
  // blob, such as "record ID is missing".
  std::vector<std::string> RecordLines(const Finding& finding, size_t limit) const;

 private:
  struct Key {
    uint64_t high = 0;
    uint64_t low = 0;
    friend bool operator==(const Key& a, const Key& b) = default;
    template <typename H>
    friend H AbslHashValue(H state, const Key& key) {
      return H::combine(std::move(state), key.low);
    }
  };
  struct Blob {
    std::string id;
    uint32_t tenant = 0;  // index into tenants_
    uint8_t type = 0;     // index into types_
    bool published = false;
    bool dead = false;
    bool in_gap = false;
    int64_t created_ms = 0;
    simulator::RecordSum expected;
    simulator::RecordSum raw;
    simulator::RecordSum dead_records;
    uint32_t chunks = 0;                // the number of messages, according to their headers
    uint32_t first_chunk = 0;           // how often the first message occurred
    std::map<uint32_t, uint32_t> more;  // how often each further message occurred
    bool chunk_mismatch = false;        // messages differ about the number of messages
  };
  struct Gap {
    int64_t from_ms;
    int64_t to_ms;
  };

  static Key KeyOf(std::string_view tenant, std::string_view type, std::string_view id);
  Blob* FindBlob(std::string_view tenant, std::string_view type, std::string_view id);
  BlobEnd EndOf(const Blob& blob, std::string* detail) const;
  bool IsInGap(const Blob& blob) const;

  std::vector<std::string> tenants_;
  StringMap<uint32_t> tenant_index_;
  std::vector<std::string> types_;
  absl::flat_hash_map<Key, Blob> blobs_;
  // The gaps that name no blob, by tenant and type ("tenant|type").
  StringMap<std::vector<Gap>> gaps_;
  // The digest of a dead letter that comes in several parts.
  struct Parts {
    Key blob;
    uint32_t next = 1;
    std::unique_ptr<simulator::RecordDigester> digester;
  };
  StringMap<Parts> parts_;
  struct Tracked {
    std::vector<simulator::RecordDigest> published;
    std::vector<simulator::RecordDigest> on_topics;
  };
  absl::flat_hash_map<Key, Tracked> tracked_;
  uint64_t other_messages_ = 0;
};

}  // namespace picket
