#pragma once

#include "common/clock.h"
#include "common/mutex.h"

namespace picket {

// A clock that moves only when a test advances it. Wait() returns at once and advances the clock by
// the whole duration.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now = absl::FromUnixSeconds(1'700'000'000)) : now_(now) {}

  absl::Time Now() const override {
    MutexLock lock(mu_);
    return now_;
  }
  absl::Duration SinceStart() const override {
    MutexLock lock(mu_);
    return since_start_;
  }
  bool Wait(absl::Duration duration, std::stop_token stop) override {
    Advance(duration);
    return !stop.stop_requested();
  }
  void Advance(absl::Duration duration) {
    MutexLock lock(mu_);
    now_ += duration;
    since_start_ += duration;
  }
  // Moves the time of day forward or back, as an operator or NTP does. The monotonic time is
  // unaffected.
  void AdjustTimeOfDay(absl::Duration change) {
    MutexLock lock(mu_);
    now_ += change;
  }

 private:
  mutable Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
  absl::Duration since_start_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
};

}  // namespace picket
