#pragma once

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace picket {

// Evaluates the condition every `interval` until it is true. Returns false if it is still false
// after `timeout`.
inline bool WaitFor(absl::Duration timeout, const std::function<bool()>& condition,
                    absl::Duration interval = absl::Milliseconds(50)) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(interval);
  }
  return true;
}

}  // namespace picket
