#include "fetcher/content_listing.h"

#include <algorithm>
#include <utility>

namespace picket::fetcher {
namespace {

constexpr absl::Duration kReconciliationInterval = absl::Hours(24);
constexpr absl::Duration kDayRunInterval = absl::Hours(1);
constexpr int kEdgeRuns = 9;  // edge runs between two runs that cover the whole overlap
constexpr size_t kPagesPerWindow = 10'000;  // a longer chain of pages is treated as endless

}  // namespace

ContentListing::ContentListing(const TenantContext& tenant, std::string content_type,
                               absl::Time reconciled)
    : tenant_(tenant), content_type_(std::move(content_type)), reconciled_(reconciled) {}

ListingDepth ContentListing::NextDepth(const Moment& now) {
  ++edge_runs_;
  // A time in the future was recorded by a clock that was wrong, so it proves nothing.
  const absl::Duration since = tenant_.ServerNow(now) - reconciled_;
  if (since >= kReconciliationInterval || since < -kClockTolerance) return ListingDepth::kReconcile;
  if (now.monotonic - last_day_run_ >= kDayRunInterval) return ListingDepth::kDay;
  return edge_runs_ > kEdgeRuns ? ListingDepth::kOverlap : ListingDepth::kEdge;
}

std::optional<Gap> ContentListing::PlanRun(std::optional<absl::Time> watermark, const Moment& now) {
  if (request_under_way_ || !windows_.empty() || now.monotonic < next_run_) return std::nullopt;
  depth_ = NextDepth(now);
  if (depth_ != ListingDepth::kEdge) edge_runs_ = 0;
  ListingState state;
  state.watermark = listed_to_.has_value() ? listed_to_ : watermark;
  state.settle = tenant_.config.settle;
  state.edge_overlap = std::max(2 * tenant_.config.poll_interval, absl::Seconds(5));
  state.overlap = tenant_.config.overlap;
  state.look_back = tenant_.config.look_back;
  state.depth = depth_;
  WindowPlan plan = PlanWindows(state, tenant_.ServerNow(now));
  if (plan.gap.has_value()) listed_to_ = plan.gap->to;
  windows_.assign(plan.windows.begin(), plan.windows.end());
  RestartWindow();
  run_listed_ = 0;
  run_missed_ = 0;
  next_run_ = now.monotonic + tenant_.config.poll_interval;
  return std::move(plan.gap);
}

std::string ContentListing::StartRequest() {
  request_under_way_ = true;
  if (!page_url_.empty()) return page_url_;
  return m365::ListContentUrl(tenant_.api, content_type_, windows_.front().start,
                              windows_.front().end);
}

absl::Status ContentListing::Continue(std::string_view link) {
  absl::StatusOr<std::string> next = m365::FollowPageLink(tenant_.api, link);
  if (next.ok() && (!pages_seen_.insert(*next).second || pages_seen_.size() > kPagesPerWindow)) {
    next = absl::DataLossError("the page links of this window do not come to an end");
  }
  if (next.ok()) {
    page_url_ = *std::move(next);
    return absl::OkStatus();
  }
  RestartWindow();
  Window& window = windows_.front();
  const absl::Duration half = absl::Trunc((window.end - window.start) / 2, absl::Seconds(1));
  if (half >= absl::Seconds(1)) {
    const Window first{window.start, window.start + half};
    window.start = first.end;
    windows_.push_front(first);
  }
  return next.status();
}

std::optional<ContentListing::Reconciliation> ContentListing::CompleteWindow(const Moment& now) {
  const absl::Time end = windows_.front().end;
  windows_.pop_front();
  RestartWindow();
  listed_to_ = listed_to_.has_value() ? std::max(*listed_to_, end) : end;
  if (!windows_.empty()) return std::nullopt;
  if (depth_ == ListingDepth::kDay || depth_ == ListingDepth::kReconcile) {
    last_day_run_ = now.monotonic;
  }
  if (depth_ != ListingDepth::kReconcile) return std::nullopt;
  reconciled_ = tenant_.ServerNow(now);
  return Reconciliation{std::max(end - tenant_.config.look_back, absl::UnixEpoch()), end,
                        run_listed_, run_missed_};
}

void ContentListing::RestartWindow() {
  page_url_.clear();
  pages_seen_.clear();
}

void ContentListing::AbandonRun(const Moment& now) {
  windows_.clear();
  next_run_ = now.monotonic;
}

}  // namespace picket::fetcher
