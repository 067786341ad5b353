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

// Whether a tenant can be collected, and until when its requests are suspended. Two things suspend
// a tenant: a fault that an operator must fix, which is reported, and a series of transient faults,
// after which single requests probe whether the API works again.
// Threads: one. Lifetime: one per session; `tenant` and `healthy` must outlive it.
class TenantHealth {
 public:
  TenantHealth(const TenantContext& tenant, Gauge& healthy);

  bool IsSuspended(const Moment& now) const { return now.monotonic < suspended_until_; }

  // An operator must act. The waits between attempts grow.
  void Suspend(const std::string& reason, const Moment& now, std::vector<Outgoing>& out);
  // The same, if another component already limits the attempts.
  void ReportFault(const std::string& reason, const Moment& now, std::vector<Outgoing>& out);
  void OnTransientFault(const Moment& now);
  void OnSuccess(const Moment& now, std::vector<Outgoing>& out);

 private:
  const TenantContext& tenant_;
  Gauge& healthy_;
  absl::Duration suspended_until_ = kAlreadyDue;
  Backoff suspension_backoff_;
  Backoff transient_backoff_;
  int consecutive_faults_ = 0;
  std::optional<std::string> fault_;  // the reported reason; empty while the tenant is healthy
};

}  // namespace picket::fetcher
