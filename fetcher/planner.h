#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace picket::fetcher {

// A span of availability time as the API lists it: start included, end excluded, at most 24 h.
struct Window {
  absl::Time start;
  absl::Time end;
};

// A span of a tenant's log that is lost to us.
struct Gap {
  absl::Time from;
  absl::Time to;
  std::string reason;
};

// How far back a listing goes. Content that was listed costs a part of the quota each time it is listed again.
enum class ListingDepth {
  kEdge,       // most listings: what is new, and a little before it
  kOverlap,    // every tenth: what the configuration says
  kDay,        // hourly: late content of the day
  kReconcile,  // daily: everything that the API still lists, to prove that nothing is missing
};

struct ListingState {
  std::optional<absl::Time> watermark;  // all content available before it is listed and decided
  absl::Duration settle;
  absl::Duration edge_overlap;  // of kEdge
  absl::Duration overlap;       // of kOverlap
  absl::Duration look_back;
  ListingDepth depth = ListingDepth::kOverlap;
};

struct WindowPlan {
  std::vector<Window> windows;  // oldest first, without holes between them
  std::optional<Gap> gap;       // what can no longer be listed
};

// The API refuses a start more than seven days back; some minutes are left for the request's way.
inline constexpr absl::Duration kListable = absl::Minutes(7 * 24 * 60 - 5);
inline constexpr absl::Duration kLongestWindow = absl::Hours(24);

// What to list now. `server_now` is the API's clock, never ours: a window in the future would move the watermark over
// content that does not exist yet.
WindowPlan PlanWindows(const ListingState& state, absl::Time server_now);

// Where the watermark may stand once content up to `listed_to` is listed and the oldest content that is neither stored
// nor dead was created at `oldest_pending`. It never moves back.
absl::Time NextWatermark(std::optional<absl::Time> watermark, absl::Time listed_to,
                         std::optional<absl::Time> oldest_pending);

}  // namespace picket::fetcher
