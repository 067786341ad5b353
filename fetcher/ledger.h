#pragma once

// The state of every content blob of a partition's tenants: rows of the topic `ledger`, and the
// same state in memory.

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

// A row of the topic. The key is tenant|content type|kind|id; the value is JSON.
struct LedgerRow {
  std::string tenant;
  std::string content_type;  // "*" if the row concerns the whole tenant
  RowKind kind = RowKind::kBlob;
  std::string id;  // the content id; empty for the other kinds

  // kBlob
  BlobStatus status = BlobStatus::kListed;
  absl::Time created;
  absl::Time expiration;
  bool late = false;      // created in a window that had been listed before
  bool backfill = false;  // already old when it was listed
  std::string reason;     // why the content is lost (kDead)

  // kWatermark: the watermark; kSubscription: when the subscription was started.
  absl::Time time;
  // kWatermark: when the last reconciliation ended; InfinitePast if there was none.
  absl::Time reconciled = absl::InfinitePast();

  // kQuota
  double requests_per_minute = 0;
};

// A content blob as it was listed.
struct ListedContent {
  absl::Time created;
  absl::Time expiration;
  bool late = false;
  bool backfill = false;
};

// The row of one content blob.
LedgerRow BlobRow(std::string tenant, std::string content_type, std::string content_id,
                  BlobStatus status, const ListedContent& listed);

std::string LedgerKey(const LedgerRow& row);
std::string LedgerValue(const LedgerRow& row);
// Parses a row. For a tombstone `value` is empty; then only the fields of the key are set.
absl::StatusOr<LedgerRow> ParseLedgerRow(std::string_view key, std::string_view value);

// Rows of older content get a tombstone: such content is not listed any more, so it cannot be found
// a second time.
inline constexpr absl::Duration kBlobRowLifetime = absl::Hours(24 * 8);

// The committed rows of one partition plus an overlay with the rows of the open transaction. Put
// adds to the overlay, Commit merges it into the committed rows, Abort drops it.
// Threads: one. Lifetime: one per assigned partition; kept while the partition is suspended.
// Memory: 24 bytes, and the table's unused capacity, for each content blob of the last eight days.
// The full content id is kept only while a blob is listed but neither stored nor dead.
class Ledger {
 public:
  // The rows of one content type of one tenant.
  struct Feed {
    std::optional<absl::Time> watermark;
    absl::Time reconciled = absl::InfinitePast();
    std::optional<absl::Time> subscription_started;
    std::map<std::string, ListedContent> listed;  // by content id
  };

  // Adds a committed row that was read from the topic.
  void Restore(const LedgerRow& row);
  void RestoreTombstone(const LedgerRow& key);

  void Put(LedgerRow row) { overlay_.push_back(std::move(row)); }
  void PutTombstone(LedgerRow key);
  void Commit();
  void Abort();

  // The status of a content blob, including the overlay. Empty if it was never listed.
  std::optional<BlobStatus> Find(std::string_view tenant, std::string_view content_type,
                                 std::string_view content_id) const;
  // Committed rows only. Null if there is no row of this content type yet.
  const Feed* FindFeed(std::string_view tenant, std::string_view content_type) const;
  std::optional<double> Quota(std::string_view tenant) const;

  // Drops stored and dead content created before `limit` from memory; returns the number of blobs.
  // The rows stay on the topic until their tombstones, which need the content id; the stage keeps
  // the ids in a TombstoneQueue.
  size_t DropBefore(absl::Time limit);

  size_t blobs() const { return blobs_.size(); }

 private:
  // First 128 bits of SHA-256 over tenant, type and content id.
  struct BlobHash {
    uint64_t high;
    uint64_t low;
    friend bool operator==(const BlobHash& a, const BlobHash& b) = default;
    template <typename H>
    friend H AbslHashValue(H state, const BlobHash& hash) {
      return H::combine(std::move(state), hash.high);  // already uniformly distributed
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
