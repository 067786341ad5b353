#pragma once

#include "absl/time/time.h"
#include "common/clock.h"

namespace picket::fetcher {

// One reading of the worker's clock.
struct Moment {
  absl::Time time_of_day;    // for facts that are recorded; may jump when the clock is set
  absl::Duration monotonic;  // for waits and deadlines; only differences have a meaning
};

inline Moment ReadMoment(const Clock& clock) { return {clock.Now(), clock.SinceStart()}; }

// A monotonic deadline that has always passed.
inline constexpr absl::Duration kAlreadyDue = -absl::InfiniteDuration();

}  // namespace picket::fetcher
