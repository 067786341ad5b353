#pragma once

#include "absl/time/time.h"
#include "common/clock.h"

namespace picket::fetcher {

// The current time of day and the current monotonic time, read from the worker's clock.
struct Moment {
  absl::Time time_of_day;    // for recorded timestamps; may jump when the clock is set
  absl::Duration monotonic;  // for waits and deadlines; only differences are meaningful
};

inline Moment ReadMoment(const Clock& clock) { return {clock.Now(), clock.SinceStart()}; }

// A monotonic deadline that is always in the past.
inline constexpr absl::Duration kAlreadyDue = -absl::InfiniteDuration();

}  // namespace picket::fetcher
