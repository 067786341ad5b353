#pragma once

#include <algorithm>

#include "absl/time/time.h"
#include "fetcher/moment.h"

namespace picket::fetcher {

// Limits the request rate of one tenant, because the API enforces an undocumented quota. The rate
// starts at the configured or the learned rate and drops by a quarter when the API throttles. The
// rate rises in small steps while the governor delays requests. All times are monotonic.
// Threads: an instance is used by one thread only. Lifetime: each tenant has one governor. The
// learned rate is stored in the ledger.
class Governor {
 public:
  explicit Governor(double requests_per_minute)
      : start_(requests_per_minute), rate_(requests_per_minute) {}

  // Returns true if a request may be sent now, and counts this request.
  bool TryAcquire(absl::Duration now);
  // Called after the API has throttled a request that was sent at `sent_at`. Pauses all requests
  // and lowers the rate. The rate is not lowered if the request was already under way when the rate
  // was last lowered.
  void OnThrottled(absl::Duration sent_at, absl::Duration now, absl::Duration retry_after);
  void OnSuccess(absl::Duration now);

  double requests_per_minute() const { return rate_; }
  void SetLearned(double requests_per_minute) {
    rate_ = std::clamp(requests_per_minute, kLowestRate, start_ * kHighestOverStart);
  }
  absl::Duration paused_until() const { return paused_until_; }

 private:
  static constexpr double kLowestRate = 30;
  static constexpr double kHighestOverStart = 30;

  void Refill(absl::Duration now);

  double start_;
  double rate_;
  double tokens_ = 1;
  absl::Duration refilled_at_ = kAlreadyDue;
  absl::Duration paused_until_ = kAlreadyDue;
  absl::Duration lowered_at_ = kAlreadyDue;
  absl::Duration raised_at_ = kAlreadyDue;
  bool delayed_requests_ = false;  // a request was delayed since the rate last changed
};

}  // namespace picket::fetcher
