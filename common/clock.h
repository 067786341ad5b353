#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace picket {

// The source of time for loops. Only loops hold a clock; decisions receive the time as an argument.
// Threads: every method may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day, which may jump when the machine's clock is set. For facts that are recorded.
  virtual absl::Time Now() const = 0;
  // Monotonic time since an arbitrary start; only differences have a meaning. For every wait and
  // every deadline.
  virtual absl::Duration SinceStart() const = 0;
  // Waits until the duration has passed or a stop is requested. Returns false after a stop request.
  virtual bool Wait(absl::Duration duration, std::stop_token stop) = 0;
};

// The machine's clock. One instance serves the whole process.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Duration SinceStart() const override;
  bool Wait(absl::Duration duration, std::stop_token stop) override;
};

}  // namespace picket
