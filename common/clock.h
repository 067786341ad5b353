#pragma once

#include <compare>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace picket {

// A point in time on the monotonic clock. This clock cannot be set. A wait that is measured with
// this clock therefore neither ends early nor hangs when the machine's time is corrected. Only
// differences between two points are meaningful.
class MonotonicTime {
 public:
  constexpr MonotonicTime() = default;
  explicit constexpr MonotonicTime(absl::Duration since_start) : since_start_(since_start) {}
  static MonotonicTime InfinitePast() { return MonotonicTime(-absl::InfiniteDuration()); }

  friend absl::Duration operator-(MonotonicTime a, MonotonicTime b) {
    return a.since_start_ - b.since_start_;
  }
  friend MonotonicTime operator+(MonotonicTime time, absl::Duration duration) {
    return MonotonicTime(time.since_start_ + duration);
  }
  friend MonotonicTime operator-(MonotonicTime time, absl::Duration duration) {
    return MonotonicTime(time.since_start_ - duration);
  }
  friend bool operator==(MonotonicTime a, MonotonicTime b) {
    return a.since_start_ == b.since_start_;
  }
  friend std::weak_ordering operator<=>(MonotonicTime a, MonotonicTime b) {
    if (a.since_start_ < b.since_start_) return std::weak_ordering::less;
    return a.since_start_ == b.since_start_ ? std::weak_ordering::equivalent
                                            : std::weak_ordering::greater;
  }

 private:
  absl::Duration since_start_;
};

// The source of time for loops, such as the main loop of a service. A loop has a Clock. Functions
// that make decisions for the loop have no Clock, but receive the current time as an argument.
// Threads: any thread may call any method.
class Clock {
 public:
  virtual ~Clock() = default;
  // Returns the time of day, which may jump when the machine's clock is set. Use this time only for
  // timestamps that are recorded.
  virtual absl::Time Now() const = 0;
  // Returns the monotonic time since an arbitrary start. Only differences are meaningful. Use this
  // time for every wait and every deadline.
  virtual absl::Duration SinceStart() const = 0;
  // Returns the monotonic time as a point in time.
  MonotonicTime MonotonicNow() const { return MonotonicTime(SinceStart()); }
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

// Returns the machine's monotonic time. This function is for code that a test clock cannot control,
// such as waits inside librdkafka.
inline MonotonicTime SystemMonotonicNow() { return SystemClock().MonotonicNow(); }

}  // namespace picket
