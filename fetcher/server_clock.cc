#include "fetcher/server_clock.h"

#include <algorithm>

#include "fetcher/planner.h"

namespace picket::fetcher {
namespace {

constexpr absl::Duration kBelievedAtOnce = absl::Hours(48);
constexpr absl::Duration kLargestSkew = absl::Hours(24 * 30);
constexpr absl::Duration kAgreementBefore = absl::Minutes(10);  // before the first samples
constexpr absl::Duration kAgreementAfter = absl::Minutes(30);

bool AreClose(absl::Time a, absl::Time b) { return absl::AbsDuration(a - b) <= kClockTolerance; }

}  // namespace

ServerClock::Offset ServerClock::Median() const {
  std::vector<Offset> sorted = samples_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[(sorted.size() - 1) / 2];
}

bool ServerClock::IsSample(Offset offset, Offset local) const {
  if (HasSamples()) return AreClose(offset, Median()) || AreClose(offset, local);
  return absl::AbsDuration(offset - local) <= kBelievedAtOnce;
}

void ServerClock::OnResponse(std::optional<absl::Time> date, const Moment& now) {
  const Offset local = now.time_of_day - now.monotonic;
  if (!date.has_value() || absl::AbsDuration(*date - now.time_of_day) > kLargestSkew) {
    if (unusable_ < kUnusableAccepted) ++unusable_;
    return;
  }
  const Offset offset = *date - now.monotonic;
  if (!IsSample(offset, local)) {
    AddStranger(offset, local, now);
    return;
  }
  strangers_.clear();
  // The monotonic clock stands still while a computer sleeps. The older samples are then wrong.
  if (HasSamples() && !AreClose(offset, Median())) samples_.clear();
  samples_.push_back(offset);
  if (samples_.size() > kSamplesKept) samples_.erase(samples_.begin());
}

void ServerClock::AddStranger(Offset offset, Offset local, const Moment& now) {
  if (HasSamples() && AreClose(Median(), local)) return;
  if (!strangers_.empty() && !AreClose(strangers_.front().offset, offset)) strangers_.clear();
  strangers_.push_back({offset, now.monotonic});
  // The oldest one shows for how long they have agreed.
  if (strangers_.size() > kSamplesKept) strangers_.erase(strangers_.begin() + 1);
  if (strangers_.size() < kSamplesNeeded) return;
  const absl::Duration needed = HasSamples() ? kAgreementAfter : kAgreementBefore;
  if (now.monotonic - strangers_.front().seen_at < needed) return;
  samples_.clear();
  for (const Stranger& stranger : strangers_) samples_.push_back(stranger.offset);
  strangers_.clear();
}

absl::Time ServerClock::Now(const Moment& now) const {
  if (HasSamples()) return Median() + now.monotonic;
  Offset earliest = local_;
  for (const Offset sample : samples_) earliest = std::min(earliest, sample);
  return earliest + now.monotonic;
}

}  // namespace picket::fetcher
