#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace picket {

// The time as the loops see it. Decisions take a time as argument; only loops hold a clock.
// Threads: every method may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  // Waits for the duration or until a stop is asked for; false when stopped.
  virtual bool Wait(absl::Duration duration, std::stop_token stop) = 0;
};

// The machine's clock. One instance serves the whole process.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  bool Wait(absl::Duration duration, std::stop_token stop) override;
};

}  // namespace picket
