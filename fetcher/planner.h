#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace picket::fetcher {

// A span of time in which content became available, as one listing request names it: the start is
// included, the end is excluded, the length is at most 24 hours.
struct Window {
  absl::Time start;
  absl::Time end;
};

// A span of a tenant's log that cannot be collected any more.
struct Gap {
  absl::Time from;
  absl::Time to;
  std::string reason;
};

// How far back a listing reaches. Content that is listed again costs part of the quota again.
enum class ListingDepth {
  kEdge,       // most listings: new content, and a little before it
  kOverlap,    // every tenth listing: the configured overlap
  kDay,        // hourly: late content of the last 24 hours
  kReconcile,  // daily: everything the API still lists, to prove that nothing is missing
};

struct ListingState {
  // All content that became available before the watermark is listed, and stored or lost.
  std::optional<absl::Time> watermark;
  absl::Duration settle;
  absl::Duration edge_overlap;  // for kEdge
  absl::Duration overlap;       // for kOverlap
  absl::Duration look_back;
  ListingDepth depth = ListingDepth::kOverlap;
};

struct WindowPlan {
  std::vector<Window> windows;  // oldest first, contiguous
  std::optional<Gap> gap;       // the span that cannot be listed any more
};

// The API rejects a start more than seven days back. Five minutes are left as a margin for the
// request's travel time.
inline constexpr absl::Duration kListable = absl::Minutes(7 * 24 * 60 - 5);
inline constexpr absl::Duration kLongestWindow = absl::Hours(24);

// Returns the windows to list now. `server_now` is the API's clock, never ours: a window in the
// future would move the watermark past content that does not exist yet.
WindowPlan PlanWindows(const ListingState& state, absl::Time server_now);

// Returns the watermark after content up to `listed_to` was listed, if the oldest content that is
// neither stored nor lost was created at `oldest_pending`. The watermark never moves back.
absl::Time NextWatermark(std::optional<absl::Time> watermark, absl::Time listed_to,
                         std::optional<absl::Time> oldest_pending);

}  // namespace picket::fetcher
