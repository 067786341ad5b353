#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace picket::fetcher {

// Keeps a tenant's requests inside a quota that nobody tells us: starts at the published baseline, goes down by a
// quarter when the API throttles, and up again in small steps while the rate is what holds us back.
// Threads: one. Lifetime: one a tenant; the learned rate is kept in the ledger.
class Governor {
 public:
  explicit Governor(double requests_per_minute)
      : start_(requests_per_minute), rate_(requests_per_minute) {}

  // True when a request may go out now; it is then counted.
  bool TryTake(absl::Time now);
  // The API throttled a request sent at `sent_at`. Requests that were under way when the rate was lowered say nothing
  // new and change nothing.
  void OnThrottled(absl::Time sent_at, absl::Time now, absl::Duration retry_after);
  void OnSuccess(absl::Time now);

  double requests_per_minute() const { return rate_; }
  void SetLearned(double requests_per_minute) {
    rate_ = std::clamp(requests_per_minute, kLeast, start_ * kMostOverStart);
  }
  absl::Time paused_until() const { return paused_until_; }

 private:
  static constexpr double kLeast = 30;
  static constexpr double kMostOverStart = 30;

  void Refill(absl::Time now);

  double start_;
  double rate_;
  double tokens_ = 1;
  absl::Time refilled_ = absl::InfinitePast();
  absl::Time paused_until_ = absl::InfinitePast();
  absl::Time lowered_at_ = absl::InfinitePast();
  absl::Time raised_at_ = absl::InfinitePast();
  bool held_back_ = false;  // the bucket was empty since the rate was last raised
};

}  // namespace picket::fetcher
