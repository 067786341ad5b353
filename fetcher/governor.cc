#include "fetcher/governor.h"

namespace picket::fetcher {

void Governor::Refill(absl::Duration now) {
  // The bucket holds as many tokens as requests are allowed in one second. Therefore, a caller that
  // runs only ten times a second can use the whole rate.
  const double capacity = std::max(rate_ / 60, 1.0);
  if (refilled_at_ == kAlreadyDue) {
    tokens_ = capacity;
  } else if (now > refilled_at_) {
    tokens_ = std::min(capacity, tokens_ + absl::ToDoubleSeconds(now - refilled_at_) * rate_ / 60);
  }
  refilled_at_ = now;
}

bool Governor::TryAcquire(absl::Duration now) {
  if (now < paused_until_) return false;
  Refill(now);
  if (tokens_ < 1) {
    delayed_requests_ = true;
    return false;
  }
  tokens_ -= 1;
  return true;
}

void Governor::OnThrottled(absl::Duration sent_at, absl::Duration now, absl::Duration retry_after) {
  const absl::Duration pause = std::clamp(retry_after, absl::Seconds(1), absl::Minutes(5));
  paused_until_ = std::max(paused_until_, now + pause);
  if (sent_at <= lowered_at_) return;
  lowered_at_ = now;
  raised_at_ = now;
  delayed_requests_ = false;
  rate_ = std::max(rate_ * 0.75, kLowestRate);
  tokens_ = std::min(tokens_, 1.0);
}

void Governor::OnSuccess(absl::Duration now) {
  if (raised_at_ == kAlreadyDue) raised_at_ = now;
  if (!delayed_requests_ || now - raised_at_ < absl::Seconds(10)) return;
  raised_at_ = now;
  delayed_requests_ = false;
  rate_ = std::min(rate_ + start_ * 0.02, start_ * kHighestOverStart);
}

}  // namespace picket::fetcher
