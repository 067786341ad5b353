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

// Lists the content of one content type in runs. A run consists of windows, and a window consists
// of pages. The planner decides how far back a run reaches. At most one request is under way at a
// time.
// Threads: an instance is used by one thread only. Lifetime: `tenant` must outlive the listing.
class ContentListing {
 public:
  // The result of a completed reconciliation, which is a run of depth kReconcile.
  struct Reconciliation {
    absl::Time from;
    absl::Time to;
    int64_t listed = 0;
    int64_t missed = 0;  // content blobs that earlier listings had missed
  };

  // `reconciled` is the time at which the last reconciliation ended, by the server's clock.
  ContentListing(const TenantContext& tenant, std::string content_type,
                 absl::Time reconciled = absl::InfinitePast());

  // Plans the next run if a run is due. If a span of the log can no longer be listed, returns this
  // span. Otherwise, returns nullopt.
  std::optional<Gap> PlanRun(std::optional<absl::Time> watermark, const Moment& now);

  bool HasRequest() const { return !request_under_way_ && !windows_.empty(); }
  // Returns the URL of the next page and marks the request as under way.
  std::string StartRequest();
  void OnAnswered() { request_under_way_ = false; }

  // Returns the window that is being listed, or null if no run is in progress.
  const Window* window() const { return windows_.empty() ? nullptr : &windows_.front(); }
  void CountEntry() { ++run_listed_; }
  void CountMissed() { ++run_missed_; }
  // Continues with the page that `link` refers to. If the link cannot be followed, returns an error
  // and splits the window in two, because the content of each half may fit on a single page.
  absl::Status Continue(std::string_view link);
  // Completes the current window, whose last page has been read. If this was the last window of a
  // reconciliation, returns the result of the reconciliation.
  std::optional<Reconciliation> CompleteWindow(const Moment& now);

  // Lists the current window again from its first page.
  void RestartWindow();
  // Abandons the run. The next run is due at once.
  void AbandonRun(const Moment& now);
  void PlanAt(absl::Duration time) { next_run_ = time; }

  // Returns the time up to which all content is listed or reported as a gap. Returns nullopt if
  // there is no such time yet.
  std::optional<absl::Time> listed_to() const { return listed_to_; }
  absl::Time reconciled() const { return reconciled_; }

 private:
  ListingDepth NextDepth(const Moment& now);

  const TenantContext& tenant_;
  const std::string content_type_;

  std::deque<Window> windows_;  // windows of the current run; the first window is being listed
  std::string page_url_;        // URL of the next page; empty for the first page of a window
  std::set<std::string> pages_seen_;
  bool request_under_way_ = false;
  ListingDepth depth_ = ListingDepth::kOverlap;
  int64_t run_listed_ = 0;
  int64_t run_missed_ = 0;

  int edge_runs_ = 0;  // edge runs since the last run that covered the whole overlap
  absl::Duration next_run_ = kAlreadyDue;
  absl::Duration last_day_run_ = kAlreadyDue;
  absl::Time reconciled_;
  std::optional<absl::Time> listed_to_;
};

}  // namespace picket::fetcher
