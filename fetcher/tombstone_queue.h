#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "fetcher/content/spill_file.h"

namespace picket::fetcher {

// Holds the keys of ledger rows. Each row needs a tombstone once its content is too old to be
// listed again. The keys are stored on disk, grouped by the day on which the content was created,
// because the in-memory ledger keeps only a hash of each key.
// Threads: an instance is used by one thread only. Lifetime: each worker has one queue. If the
// queue is lost, the next restore of the ledger adds the same keys again.
class TombstoneQueue {
 public:
  // Creates the files of the queue in `dir` or, if `dir` is empty, in the system's folder for
  // temporary files.
  explicit TombstoneQueue(std::string dir);

  void Add(std::string_view key, absl::Time created);
  // Removes up to `most` keys of days that ended before `limit`, and returns these keys. A key may
  // be returned twice, and may belong to a partition that another worker now owns.
  std::vector<std::string> PopBefore(absl::Time limit, size_t most);

 private:
  std::string dir_;
  std::shared_ptr<ByteBudget> disk_;
  // One file per day with the keys of this day, one key per line. The map is indexed by the number
  // of days since 1970.
  std::map<int64_t, std::unique_ptr<SpillFile>> days_;
  std::unique_ptr<SpillFile> current_;  // file of the day whose keys are being returned
  size_t current_position_ = 0;         // bytes of `current_` returned so far
};

}  // namespace picket::fetcher
