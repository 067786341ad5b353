#pragma once

#include <algorithm>
#include <random>

#include "absl/time/time.h"

namespace picket {

// Computes the waits between repeated attempts. The waits grow and contain random jitter.
// Threads: an instance is used by one thread only. Lifetime: use one instance per operation that is
// retried, and call Reset() after a success.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest, uint64_t seed = std::random_device{}())
      : first_(first), longest_(longest), next_(first), random_(seed) {}

  // Returns a random wait between half of the current step and the whole step. Each call doubles
  // the step, up to `longest`.
  absl::Duration Next() {
    const absl::Duration step = next_;
    next_ = std::min(next_ * 2, longest_);
    return step * std::uniform_real_distribution<double>(0.5, 1.0)(random_);
  }
  void Reset() { next_ = first_; }

 private:
  absl::Duration first_;
  absl::Duration longest_;
  absl::Duration next_;
  std::mt19937_64 random_;
};

}  // namespace picket
