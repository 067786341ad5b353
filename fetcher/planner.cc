#include "fetcher/planner.h"

#include <algorithm>

namespace picket::fetcher {
namespace {

// Rounds down to a whole second, because the API accepts only whole seconds.
absl::Time FloorToSecond(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

WindowPlan PlanWindows(const ListingState& state, absl::Time server_now) {
  WindowPlan plan;
  const absl::Time end = FloorToSecond(server_now - state.settle);
  const absl::Time oldest = FloorToSecond(server_now - kListable) + absl::Seconds(1);

  absl::Time start = server_now - state.look_back;
  if (state.watermark.has_value()) {
    start = std::min(*state.watermark, end) - (state.depth == ListingDepth::kEdge
                                                   ? std::min(state.edge_overlap, state.overlap)
                                                   : state.overlap);
    if (state.depth == ListingDepth::kDay) {
      start = std::min(start, std::max(end - absl::Hours(24), server_now - state.look_back));
    }
    if (state.depth == ListingDepth::kReconcile) {
      start = std::min(start, server_now - state.look_back);
    }
    if (*state.watermark < oldest) {
      plan.gap = Gap{*state.watermark, std::min(oldest, end),
                     "not listed in time: the API lists only the last 7 days"};
    }
  }
  start = std::max(FloorToSecond(start), oldest);

  while (start < end) {
    const absl::Time stop = std::min(start + kLongestWindow, end);
    plan.windows.push_back({start, stop});
    start = stop;
  }
  return plan;
}

absl::Time NextWatermark(std::optional<absl::Time> watermark, absl::Time listed_to,
                         std::optional<absl::Time> oldest_pending) {
  absl::Time next = listed_to;
  if (oldest_pending.has_value()) next = std::min(next, *oldest_pending);
  return watermark.has_value() ? std::max(next, *watermark) : next;
}

}  // namespace picket::fetcher
