#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "fetcher/moment.h"
#include "fetcher/planner.h"
#include "fetcher/tenant_context.h"

namespace picket::fetcher {

// Lists one content type in runs. A run is a series of windows, and a window a series of pages; the
// planner decides how far back a run reaches. One request is under way at a time.
// Threads: one. Lifetime: `tenant` must outlive it.
class ContentListing {
 public:
  // What a completed reconciliation found.
  struct Reconciliation {
    absl::Time from;
    absl::Time to;
    int64_t listed = 0;
    int64_t missed = 0;  // content that earlier listings had missed
  };

  // `reconciled`: when the last reconciliation ended, by our time of day.
  ContentListing(const TenantContext& tenant, std::string content_type,
                 absl::Time reconciled = absl::InfinitePast());

  // Plans the next run if one is due. Returns the span that cannot be listed any more, if any.
  std::optional<Gap> PlanRun(std::optional<absl::Time> watermark, const Moment& now);

  bool HasRequest() const { return !request_under_way_ && !windows_.empty(); }
  // The URL of the next page. Marks the request as under way.
  std::string StartRequest();
  void OnAnswered() { request_under_way_ = false; }

  // The window that is being listed; null if the run was abandoned in the meantime.
  const Window* window() const { return windows_.empty() ? nullptr : &windows_.front(); }
  void CountEntry() { ++run_listed_; }
  void CountMissed() { ++run_missed_; }
  // Continues with the page behind `link`. An error means that the link cannot be followed; then
  // the window is split in two, because its halves may need no second page.
  absl::Status Continue(std::string_view link);
  // The last page of the window was read. Returns the result when a reconciliation is complete.
  std::optional<Reconciliation> CompleteWindow(const Moment& now);

  // Lists the current window again from its first page.
  void RestartWindow();
  // Abandons the run; the next one is planned at once.
  void AbandonRun(const Moment& now);
  void PlanAt(absl::Duration time) { next_run_ = time; }

  // Everything up to here is listed. Empty before the first window is complete.
  std::optional<absl::Time> listed_to() const { return listed_to_; }
  absl::Time reconciled() const { return reconciled_; }

 private:
  ListingDepth NextDepth(const Moment& now);

  const TenantContext& tenant_;
  const std::string content_type_;

  std::deque<Window> windows_;  // of the current run; the first one is being listed
  std::string page_url_;        // the next page of the first window; empty: its first page
  std::set<std::string> pages_seen_;
  bool request_under_way_ = false;
  ListingDepth depth_ = ListingDepth::kOverlap;
  int64_t run_listed_ = 0;
  int64_t run_missed_ = 0;

  int edge_runs_ = 0;  // since the last run that covered the whole overlap
  absl::Duration next_run_ = kAlreadyDue;
  absl::Duration last_day_run_ = kAlreadyDue;
  absl::Time reconciled_;
  std::optional<absl::Time> listed_to_;
};

}  // namespace picket::fetcher
