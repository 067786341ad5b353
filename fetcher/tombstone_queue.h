#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "fetcher/spill_file.h"

namespace picket::fetcher {

// The keys of ledger rows that need a tombstone once their content is too old to be listed again.
// The keys are grouped by the day on which the content was created and wait on disk, because the
// ledger in memory keeps only a hash of each.
// Threads: one. Lifetime: one per worker. Keys lost with it are added again by the next restore.
class TombstoneQueue {
 public:
  // Files are created in `dir`; empty: the system's folder for temporary files.
  explicit TombstoneQueue(std::string dir);

  void Add(std::string_view key, absl::Time created);
  // Removes and returns up to `most` keys of days that ended before `limit`. A key may be returned
  // twice, and keys may belong to partitions that other workers own by now.
  std::vector<std::string> PopBefore(absl::Time limit, size_t most);

 private:
  std::string dir_;
  std::shared_ptr<ByteBudget> disk_;
  std::map<int64_t, std::unique_ptr<SpillFile>> days_;  // days since 1970 → keys, one per line
  std::unique_ptr<SpillFile> current_;                  // the day that is being returned
  size_t current_position_ = 0;                         // bytes of `current_` already returned
};

}  // namespace picket::fetcher
