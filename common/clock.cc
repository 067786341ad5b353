#include "common/clock.h"

#include <chrono>

namespace picket {

MonotonicTime SystemClock::MonotonicNow() const {
  return MonotonicTime(absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()));
}

bool SystemClock::Wait(absl::Duration duration, std::stop_token stop) {
  std::mutex mu;
  std::condition_variable_any wake;
  std::unique_lock lock(mu);
  wake.wait_for(lock, stop, absl::ToChronoNanoseconds(duration), [] { return false; });
  return !stop.stop_requested();
}

}  // namespace picket
