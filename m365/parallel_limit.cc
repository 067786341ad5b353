#include "m365/parallel_limit.h"

#include <algorithm>

namespace picket::m365 {
namespace {

constexpr absl::Duration kBetweenDrops = absl::Milliseconds(300);
constexpr absl::Duration kBetweenRaises = absl::Seconds(10);

}  // namespace

bool ParallelLimit::Lower(int under_way, absl::Duration now) {
  if (is_lowered() && now - changed_at_ < kBetweenDrops) return false;
  changed_at_ = now;
  const int lowered = std::max(1, std::min(limit_, under_way) * 3 / 4);
  if (lowered == limit_) return false;
  limit_ = lowered;
  return true;
}

bool ParallelLimit::Raise(absl::Duration now) {
  if (!is_lowered() || now - changed_at_ < kBetweenRaises) return false;
  changed_at_ = now;
  limit_ = std::min(configured_, limit_ + std::max(1, limit_ / 8));
  return true;
}

}  // namespace picket::m365
