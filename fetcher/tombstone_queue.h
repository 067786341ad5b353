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

// The keys of ledger rows that will need a tombstone once their content is too old to be listed again, by the day the
// content was created. They wait on disk: memory keeps but a hash of each.
// Threads: one. Lifetime: one a worker; what is lost with it is remembered again by the next restore.
class RetiredRows {
 public:
  explicit RetiredRows(std::string dir);

  void Remember(std::string_view key, absl::Time created);
  // Up to `most` keys of days that ended before `limit`. A key may come twice, and of rows that others own by now.
  std::vector<std::string> Take(absl::Time limit, size_t most);

 private:
  std::string dir_;
  std::shared_ptr<ByteBudget> disk_;
  std::map<int64_t, std::unique_ptr<SpillFile>> days_;  // since 1970 → keys, one a line
  std::unique_ptr<SpillFile> taking_;
  size_t taken_ = 0;  // bytes of `taking_` handed out
};

}  // namespace picket::fetcher
