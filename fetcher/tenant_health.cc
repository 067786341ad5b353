#include "fetcher/tenant_health.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/log.h"

namespace picket::fetcher {
namespace {

// Requests are suspended after this many transient errors in a row, without a success for this
// time. So the failures of some content do not delay the other content.
constexpr int kConsecutiveFaults = 5;
constexpr absl::Duration kWithoutSuccess = absl::Seconds(10);

}  // namespace

TenantHealth::TenantHealth(const TenantContext& tenant, Gauge& healthy)
    : tenant_(tenant),
      healthy_(healthy),
      suspension_backoff_(absl::Seconds(2), absl::Minutes(15)),
      transient_backoff_(absl::Seconds(1), absl::Minutes(1)) {}

void TenantHealth::Suspend(const std::string& reason, const Moment& now,
                           std::vector<Outgoing>& out) {
  suspended_until_ = std::max(suspended_until_, now.monotonic + suspension_backoff_.Next());
  ReportFault(reason, now, out);
}

void TenantHealth::ReportFault(const std::string& reason, const Moment& now,
                               std::vector<Outgoing>& out) {
  healthy_.Set(0);
  if (fault_ == reason) return;  // this error is already reported
  if (!fault_.has_value()) {
    out.emplace_back().coverage.push_back(
        HealthRow(tenant_.tenant_id, "*", tenant_.ServerNow(now), "parked", reason));
  }
  fault_ = reason;
  LogError("tenant_suspended", {{"tenant", tenant_.tenant_id}, {"reason", reason}});
}

std::optional<std::string> TenantHealth::Obstacle() const {
  if (fault_.has_value()) return fault_;
  if (consecutive_faults_ < kConsecutiveFaults) return std::nullopt;
  return absl::StrCat("the API cannot be used: ", last_error_);
}

void TenantHealth::OnTransientFault(const std::string& error, absl::Duration sent_at,
                                    const Moment& now) {
  last_error_ = error;
  ++consecutive_faults_;
  if (consecutive_faults_ < kConsecutiveFaults || sent_at <= suspended_at_ ||
      now.monotonic - last_success_ < kWithoutSuccess) {
    return;
  }
  suspended_at_ = now.monotonic;
  suspended_until_ = std::max(suspended_until_, now.monotonic + transient_backoff_.Next());
}

void TenantHealth::OnSuccess(const Moment& now, std::vector<Outgoing>& out) {
  consecutive_faults_ = 0;
  last_success_ = now.monotonic;
  transient_backoff_.Reset();
  healthy_.Set(1);
  if (!fault_.has_value()) return;
  fault_.reset();
  suspension_backoff_.Reset();
  out.emplace_back().coverage.push_back(
      HealthRow(tenant_.tenant_id, "*", tenant_.ServerNow(now), "collecting", ""));
  LogInfo("tenant_resumed", {{"tenant", tenant_.tenant_id}});
}

}  // namespace picket::fetcher
