#pragma once

#include <algorithm>
#include <random>

#include "absl/time/time.h"

namespace picket {

// Growing waits with jitter between tries of one thing.
// Threads: one. Lifetime: one per thing that is tried; Reset() after a success.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest, uint64_t seed = std::random_device{}())
      : first_(first), longest_(longest), next_(first), random_(seed) {}

  // Between half and the whole of the current step; the step doubles up to `longest`.
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
