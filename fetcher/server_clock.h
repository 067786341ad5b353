#pragma once

#include "absl/time/time.h"
#include "fetcher/moment.h"

namespace picket::fetcher {

// Estimates the API's time from the last Date header and the local monotonic clock. The local time
// of day is used only until the first response arrives, so a wrong or adjusted local clock does not
// shift the listing windows.
// Threads: an instance is used by one thread only.
class ServerClock {
 public:
  explicit ServerClock(const Moment& now) : at_monotonic_zero_(now.time_of_day - now.monotonic) {}

  void Synchronize(absl::Time server_time, const Moment& now) {
    at_monotonic_zero_ = server_time - now.monotonic;
    is_synchronized_ = true;
  }
  // Returns true if Now is the server's time. Before the first response, it is the local time.
  bool is_synchronized() const { return is_synchronized_; }
  absl::Time Now(const Moment& now) const { return at_monotonic_zero_ + now.monotonic; }

 private:
  absl::Time at_monotonic_zero_;
  bool is_synchronized_ = false;
};

}  // namespace picket::fetcher
