#pragma once

#include "common/clock.h"
#include "common/mutex.h"

namespace picket {

// A clock that stands still until a test moves it; Wait() moves it by the whole duration at once.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now = absl::FromUnixSeconds(1'700'000'000)) : now_(now) {}

  absl::Time Now() const override {
    MutexLock lock(mu_);
    return now_;
  }
  bool Wait(absl::Duration duration, std::stop_token stop) override {
    Advance(duration);
    return !stop.stop_requested();
  }
  void Advance(absl::Duration duration) {
    MutexLock lock(mu_);
    now_ += duration;
  }

 private:
  mutable Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
};

}  // namespace picket
