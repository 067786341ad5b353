#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/backoff.h"
#include "fetcher/moment.h"
#include "fetcher/outbox.h"
#include "fetcher/tenant_context.h"

namespace picket::fetcher {

// Tracks whether a tenant's log can be collected, and until when the tenant's requests are
// suspended. An error that an operator must fix suspends the requests and is reported. A series of
// transient errors without a success for some seconds also suspends the requests. Until a request
// succeeds, each further transient error renews the suspension. The requests that were under way
// when a suspension began do not count for the next one, so a burst of errors counts once.
// Threads: an instance is used by one thread only. Lifetime: each session has one instance.
// `tenant` and `healthy` must outlive this object.
class TenantHealth {
 public:
  TenantHealth(const TenantContext& tenant, Gauge& healthy);

  bool IsSuspended(const Moment& now) const { return now.monotonic < suspended_until_; }
  // Returns the reported error that an operator must fix, or nullopt while the tenant is healthy.
  const std::optional<std::string>& fault() const { return fault_; }
  // Returns why nothing of this tenant can be collected: fault(), or the last error of a series of
  // transient errors. Returns nullopt as soon as a request has succeeded.
  std::optional<std::string> Obstacle() const;

  // Suspends the tenant after an error that an operator must fix, and reports the error. The
  // suspensions grow longer until a request succeeds.
  void Suspend(const std::string& reason, const Moment& now, std::vector<Outgoing>& out);
  // Reports an error that an operator must fix, but does not suspend the tenant. Used if another
  // component already limits the attempts.
  void ReportFault(const std::string& reason, const Moment& now, std::vector<Outgoing>& out);
  // Called after a transient error of a request that was sent at `sent_at` (monotonic).
  void OnTransientFault(const std::string& error, absl::Duration sent_at, const Moment& now);
  void OnSuccess(const Moment& now, std::vector<Outgoing>& out);

 private:
  const TenantContext& tenant_;
  Gauge& healthy_;
  absl::Duration suspended_until_ = kAlreadyDue;
  absl::Duration suspended_at_ = kAlreadyDue;  // the time of the last suspension
  absl::Duration last_success_ = kAlreadyDue;
  Backoff suspension_backoff_;
  Backoff transient_backoff_;
  int consecutive_faults_ = 0;
  std::string last_error_;            // the last transient error
  std::optional<std::string> fault_;  // the reported reason; nullopt while the tenant is healthy
};

}  // namespace picket::fetcher
