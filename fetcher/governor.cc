#include "fetcher/governor.h"

namespace picket::fetcher {

void Governor::Refill(absl::Time now) {
  // A second's worth may be saved up, so that a loop that comes round ten times a second loses nothing.
  const double most = std::max(rate_ / 60, 1.0);
  if (refilled_ == absl::InfinitePast()) {
    tokens_ = most;
  } else if (now > refilled_) {
    tokens_ = std::min(most, tokens_ + absl::ToDoubleSeconds(now - refilled_) * rate_ / 60);
  }
  refilled_ = now;
}

bool Governor::TryTake(absl::Time now) {
  if (now < paused_until_) return false;
  Refill(now);
  if (tokens_ < 1) {
    held_back_ = true;
    return false;
  }
  tokens_ -= 1;
  return true;
}

void Governor::OnThrottled(absl::Time sent_at, absl::Time now, absl::Duration retry_after) {
  const absl::Duration pause = std::clamp(retry_after, absl::Seconds(1), absl::Minutes(5));
  paused_until_ = std::max(paused_until_, now + pause);
  if (sent_at <= lowered_at_) return;
  lowered_at_ = now;
  raised_at_ = now;
  held_back_ = false;
  rate_ = std::max(rate_ * 0.75, kLeast);
  tokens_ = std::min(tokens_, 1.0);
}

void Governor::OnSuccess(absl::Time now) {
  if (raised_at_ == absl::InfinitePast()) raised_at_ = now;
  if (!held_back_ || now - raised_at_ < absl::Seconds(10)) return;
  raised_at_ = now;
  held_back_ = false;
  rate_ = std::min(rate_ + start_ * 0.02, start_ * kMostOverStart);
}

}  // namespace picket::fetcher
