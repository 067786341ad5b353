#pragma once

#include "absl/time/time.h"

namespace picket::m365 {

// Decides how many requests may be under way while the process lacks file descriptors. The limit
// drops by a quarter when a descriptor is missing, and rises by an eighth every ten seconds.
// Threads: one thread. Lifetime: one for each transport. Failure: none; the limit is at least 1.
class ParallelLimit {
 public:
  explicit ParallelLimit(int configured) : configured_(configured), limit_(configured) {}

  // Returns the number of requests that may be under way.
  int limit() const { return limit_; }
  bool is_lowered() const { return limit_ < configured_; }

  // Lowers the limit after a request has failed because no descriptor was free. `under_way` is the
  // number of requests under way at that time, and the new limit is below this number. For a short
  // time after the limit has been lowered, this function does nothing, because several requests
  // fail when descriptors run out. Returns true if the limit has changed.
  bool Lower(int under_way, absl::Duration now);
  // Raises the limit if ten seconds have passed since its last change. Returns true if the limit
  // has changed.
  bool Raise(absl::Duration now);

 private:
  int configured_;
  int limit_;
  absl::Duration changed_at_ = -absl::InfiniteDuration();
};

}  // namespace picket::m365
