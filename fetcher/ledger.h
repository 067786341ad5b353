#pragma once

// The state of every content blob of a partition's tenants, both as rows of the topic `ledger` and
// in memory.

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

// A row of the topic `ledger`. The key is tenant|content type|kind|id, and the value is JSON.
struct LedgerRow {
  std::string tenant;
  std::string content_type;  // "*" if the row concerns the whole tenant
  RowKind kind = RowKind::kBlob;
  std::string id;  // the content id of a kBlob row; empty for the other kinds

  // The fields of a kBlob row.
  BlobStatus status = BlobStatus::kListed;
  absl::Time created;
  absl::Time expiration;
  bool late = false;      // the content was created in a window that had already been listed
  bool backfill = false;  // the content was already old when it was listed
  std::string reason;     // reason why the content is lost (kDead)

  // The watermark in a kWatermark row. The start time of the subscription in a kSubscription row.
  absl::Time time;
  // The time at which the last reconciliation ended (kWatermark), or InfinitePast if there was no
  // reconciliation yet.
  absl::Time reconciled = absl::InfinitePast();

  // The field of a kQuota row.
  double requests_per_minute = 0;
};

// The properties of a content blob in a listing.
struct ListedContent {
  absl::Time created;
  absl::Time expiration;
  bool late = false;
  bool backfill = false;
};

// Returns the row of one content blob.
LedgerRow BlobRow(std::string tenant, std::string content_type, std::string content_id,
                  BlobStatus status, const ListedContent& listed);

std::string LedgerKey(const LedgerRow& row);
std::string LedgerValue(const LedgerRow& row);
// Parses a row. `value` is empty for a tombstone. In this case, only the fields of the key are set.
absl::StatusOr<LedgerRow> ParseLedgerRow(std::string_view key, std::string_view value);

// The age at which the row of a content blob gets a tombstone. The API no longer lists content of
// this age, so the same content cannot be found a second time.
inline constexpr absl::Duration kBlobRowLifetime = absl::Hours(24 * 8);

// Holds the committed rows of one partition and an overlay with the rows of the open transaction.
// Put adds a row to the overlay, Commit merges the overlay into the committed rows, and Abort drops
// the overlay.
// Threads: an instance is used by one thread only.
// Lifetime: each assigned partition has one ledger, which is kept while the partition is suspended.
// Memory: the table takes 24 bytes for each content blob of the last eight days, plus its unused
// capacity. The full content id is kept only while a blob is listed but neither stored nor dead.
class Ledger {
 public:
  // The committed rows of one content type of one tenant.
  struct Feed {
    std::optional<absl::Time> watermark;
    absl::Time reconciled = absl::InfinitePast();
    std::optional<absl::Time> subscription_started;
    std::map<std::string, ListedContent> listed;  // indexed by content id
  };

  // Adds a committed row that was read from the topic.
  void Restore(const LedgerRow& row);
  void RestoreTombstone(const LedgerRow& key);

  void Put(LedgerRow row) { overlay_.push_back(std::move(row)); }
  void PutTombstone(LedgerRow key);
  void Commit();
  void Abort();

  // Returns the status of a content blob according to the committed rows and the overlay. Returns
  // nullopt if the blob was never listed.
  std::optional<BlobStatus> Find(std::string_view tenant, std::string_view content_type,
                                 std::string_view content_id) const;
  // Returns the committed rows of a content type, or null if no such row exists yet.
  const Feed* FindFeed(std::string_view tenant, std::string_view content_type) const;
  std::optional<double> Quota(std::string_view tenant) const;

  // Removes from memory all stored and dead blobs that were created before `limit`, and returns the
  // number of removed blobs. The rows of these blobs stay on the topic until tombstones delete the
  // rows. A tombstone needs the content id, which the stage keeps in a TombstoneQueue.
  size_t DropBefore(absl::Time limit);

  size_t blobs() const { return blobs_.size(); }

 private:
  // The first 128 bits of the SHA-256 hash of the tenant, the content type and the content id.
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
  std::map<std::string, Feed, std::less<>> feeds_;     // indexed by "tenant|content type"
  std::map<std::string, double, std::less<>> quotas_;  // indexed by tenant
  std::vector<LedgerRow> overlay_;
  std::vector<LedgerRow> tombstones_;
};

}  // namespace picket::fetcher
