#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace picket::fetcher {

// The time span of one listing request. The request lists the content that became available in this
// span. The start is inclusive, the end is exclusive, and the length is at most 24 hours.
struct Window {
  absl::Time start;
  absl::Time end;
};

// A span of a tenant's log that can no longer be collected.
struct Gap {
  absl::Time from;
  absl::Time to;
  std::string reason;
};

// Specifies how far back a listing reaches. Content that is listed repeatedly uses quota each
// time.
enum class ListingDepth {
  kEdge,       // new content and a short overlap (most listings)
  kOverlap,    // new content and the configured overlap (every tenth listing)
  kDay,        // the last 24 hours, to find content that appears late (hourly)
  kReconcile,  // the whole look-back, to find all missed content (daily)
};

struct ListingState {
  // All content that became available before the watermark has been listed, and is either stored or
  // lost.
  std::optional<absl::Time> watermark;
  absl::Duration settle;
  absl::Duration edge_overlap;  // overlap of kEdge listings
  absl::Duration overlap;       // overlap of kOverlap listings
  absl::Duration look_back;
  ListingDepth depth = ListingDepth::kOverlap;
};

struct WindowPlan {
  std::vector<Window> windows;  // contiguous windows, oldest first
  std::optional<Gap> gap;       // the span that can no longer be listed
};

// The greatest age of a window's start. The API rejects a start that is more than seven days in the
// past. The margin of five minutes allows for the time that the request takes to arrive.
inline constexpr absl::Duration kListable = absl::Minutes(7 * 24 * 60 - 5);
// The greatest difference between two correct clocks. The Date header has whole seconds, and the
// servers of the API do not have exactly the same time.
inline constexpr absl::Duration kClockTolerance = absl::Minutes(1);
inline constexpr absl::Duration kLongestWindow = absl::Hours(24);

// Returns the windows to list now. `server_now` must be the time of the API's clock, not of the
// local clock. If the local clock were ahead, a window could end in the future, and the watermark
// would move past content that does not exist yet.
WindowPlan PlanWindows(const ListingState& state, absl::Time server_now);

// Returns the new watermark after content up to `listed_to` was listed. `oldest_pending` is the
// creation time of the oldest content that is neither stored nor lost. The watermark never moves
// back.
absl::Time NextWatermark(std::optional<absl::Time> watermark, absl::Time listed_to,
                         std::optional<absl::Time> oldest_pending);

}  // namespace picket::fetcher
