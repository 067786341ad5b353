#pragma once

// Where each piece of content of the tenants of one partition stands, as rows on the topic `ledger` and in memory.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace picket::fetcher {

enum class RowKind : uint8_t { kBlob, kWatermark, kSubscription, kQuota };
enum class BlobStatus : uint8_t { kListed, kStored, kDead };

// A row of the topic. Key: tenant|content type|kind|id; the value is JSON.
struct LedgerRow {
  std::string tenant;
  std::string content_type;  // "*" for what concerns the whole tenant
  RowKind kind = RowKind::kBlob;
  std::string id;  // the content id; empty for the other kinds

  // kBlob
  BlobStatus status = BlobStatus::kListed;
  absl::Time created;
  absl::Time expiration;
  bool late = false;      // found where listing had been before
  bool backfill = false;  // from before we began
  std::string reason;     // why it is dead

  // kWatermark: where it stands; kSubscription: when it was started.
  absl::Time time;
  // kWatermark: when the last reconciliation ended; InfinitePast: never.
  absl::Time reconciled = absl::InfinitePast();

  // kQuota
  double requests_per_minute = 0;
};

std::string LedgerKey(const LedgerRow& row);
std::string LedgerValue(const LedgerRow& row);
// The key alone is enough for a tombstone: `value` empty.
absl::StatusOr<LedgerRow> ParseLedgerRow(std::string_view key, std::string_view value);

// Rows of content older than this get a tombstone: it can no longer be listed, so it cannot come again.
inline constexpr absl::Duration kKeepBlobRows = absl::Hours(24 * 8);

// The committed rows of one partition, and those of the open transaction above them: Put adds to the overlay, Commit
// merges it, Abort drops it.
// Threads: one. Lifetime: one an assigned partition, parked with it.
// Memory: 24 bytes and the table's slack for each piece of content of eight days; the content id in full only while it
// is listed and neither stored nor dead.
class Ledger {
 public:
  struct Listed {
    absl::Time created;
    absl::Time expiration;
    bool late = false;
    bool backfill = false;
  };
  // Of one content type of a tenant.
  struct Feed {
    std::optional<absl::Time> watermark;
    absl::Time reconciled = absl::InfinitePast();
    std::optional<absl::Time> subscription_started;
    std::map<std::string, Listed> listed;  // by content id
  };

  // Takes a row in as committed: what the topic held.
  void Restore(const LedgerRow& row);
  void RestoreTombstone(const LedgerRow& key);

  void Put(LedgerRow row) { overlay_.push_back(std::move(row)); }
  void PutTombstone(LedgerRow key);
  void Commit();
  void Abort();

  // Where content stands, the overlay included; nothing when it was never listed.
  std::optional<BlobStatus> Find(std::string_view tenant, std::string_view content_type,
                                 std::string_view content_id) const;
  // Committed; null when there is no row of it yet.
  const Feed* FindFeed(std::string_view tenant, std::string_view content_type) const;
  std::optional<double> Quota(std::string_view tenant) const;

  // Forgets content created before `limit` that is stored or dead; how much it was. Its rows stay on the topic until
  // their tombstones, which need the content id: the stage keeps those elsewhere.
  size_t ForgetBefore(absl::Time limit);

  size_t blobs() const { return blobs_.size(); }

 private:
  // First 128 bits of SHA-256 over tenant, type and content id.
  struct BlobHash {
    uint64_t high;
    uint64_t low;
    friend bool operator==(const BlobHash& a, const BlobHash& b) = default;
    template <typename H>
    friend H AbslHashValue(H state, const BlobHash& hash) {
      return H::combine(std::move(state), hash.high);  // uniform already
    }
  };
  struct BlobState {
    uint32_t created_secs;
    BlobStatus status;
  };
  static_assert(sizeof(std::pair<BlobHash, BlobState>) == 24);

  static BlobHash HashOf(std::string_view tenant, std::string_view content_type,
                         std::string_view content_id);
  static std::string FeedName(std::string_view tenant, std::string_view content_type);

  absl::flat_hash_map<BlobHash, BlobState> blobs_;
  std::map<std::string, Feed, std::less<>> feeds_;     // "tenant|type"
  std::map<std::string, double, std::less<>> quotas_;  // by tenant
  std::vector<LedgerRow> overlay_;
  std::vector<LedgerRow> tombstones_;
};

}  // namespace picket::fetcher
