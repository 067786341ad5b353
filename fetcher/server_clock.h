#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "fetcher/moment.h"

namespace picket::fetcher {

// Estimates the API's time as the median of the Date headers of the last successful responses. The
// local monotonic clock carries the estimate on. Neither a single wrong header nor a step of the
// local time of day moves it.
//
// A date that is close to the estimate or to the local time is a sample. Before the first three
// samples, so is any date within two days of the local time. Other dates replace the samples only
// if they agree with each other for a long time: ten minutes, or half an hour if there are samples
// already. If the samples agree with the local time, two clocks contradict such dates, which are
// then ignored. So are dates that are more than 30 days from the local time, since TLS fails on a
// host whose clock is that wrong.
// Threads: an instance is used by one thread only.
class ServerClock {
 public:
  explicit ServerClock(const Moment& now) : local_(now.time_of_day - now.monotonic) {}

  // Takes the Date header of a successful response into account.
  void OnResponse(std::optional<absl::Time> date, const Moment& now);

  // Returns true if Now is the server's time. This is also true after ten responses without a
  // usable date, because only the local time is then available.
  bool is_synchronized() const { return HasSamples() || unusable_ >= kUnusableAccepted; }
  // Returns the server's time. Before the clock is synchronized, returns the earliest of the local
  // time and the samples.
  absl::Time Now(const Moment& now) const;
  // Returns how long to wait before the next request that only serves to synchronize the clock.
  absl::Duration NextSampleIn() const {
    return strangers_.empty() ? absl::ZeroDuration() : absl::Minutes(1);
  }

 private:
  static constexpr size_t kSamplesNeeded = 3;
  static constexpr size_t kSamplesKept = 9;
  static constexpr int kUnusableAccepted = 10;

  // The server's time at the moment at which the local monotonic clock shows zero.
  using Offset = absl::Time;
  // A date that agrees with neither the samples nor the local time.
  struct Stranger {
    Offset offset;
    absl::Duration seen_at;
  };

  bool HasSamples() const { return samples_.size() >= kSamplesNeeded; }
  bool IsSample(Offset offset, Offset local) const;
  void AddStranger(Offset offset, Offset local, const Moment& now);
  Offset Median() const;

  Offset local_;                     // the local time of day when this object was created
  std::vector<Offset> samples_;      // oldest first
  std::vector<Stranger> strangers_;  // dates that agree with each other; the oldest, then the last
  int unusable_ = 0;                 // responses without a usable date
};

}  // namespace picket::fetcher
