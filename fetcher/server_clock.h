#pragma once

#include "absl/time/time.h"
#include "fetcher/moment.h"

namespace picket::fetcher {

// The API's clock, extrapolated with monotonic time from the last Date header. Our own time of day
// is used only until the first answer arrives, so a wrong or adjusted clock here does not shift the
// listing windows.
// Threads: one.
class ServerClock {
 public:
  explicit ServerClock(const Moment& now) { Synchronize(now.time_of_day, now); }

  void Synchronize(absl::Time server_time, const Moment& now) {
    at_monotonic_zero_ = server_time - now.monotonic;
  }
  absl::Time Now(const Moment& now) const { return at_monotonic_zero_ + now.monotonic; }

 private:
  absl::Time at_monotonic_zero_;
};

}  // namespace picket::fetcher
