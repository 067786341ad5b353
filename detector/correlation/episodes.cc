#include "detector/correlation/episodes.h"

#include <algorithm>

namespace picket::detector {

bool Episodes::Extend(int64_t start, int64_t end, int64_t span) {
  for (size_t i = episodes_.size(); i-- > 0;) {
    Episode& episode = episodes_[i];
    if (start > episode.end + span) return false;
    if (end < episode.start - span) continue;
    episode.start = std::min(episode.start, start);
    episode.end = std::max(episode.end, end);
    // Merge the extended episode with its neighbours if they are now within `span` of it.
    if (i + 1 < episodes_.size() && episodes_[i + 1].start <= episode.end + span) {
      episode.end = std::max(episode.end, episodes_[i + 1].end);
      episodes_.erase(episodes_.begin() + static_cast<int64_t>(i) + 1);
    }
    if (i > 0 && episodes_[i - 1].end + span >= episode.start) {
      episodes_[i - 1].end = std::max(episode.end, episodes_[i - 1].end);
      episodes_.erase(episodes_.begin() + static_cast<int64_t>(i));
    }
    return true;
  }
  return false;
}

bool Episodes::Open(int64_t start, int64_t end) {
  const auto at =
      std::upper_bound(episodes_.begin(), episodes_.end(), start,
                       [](int64_t time, const Episode& episode) { return time < episode.start; });
  episodes_.insert(at, Episode{start, end});
  if (episodes_.size() <= kMax) return false;
  episodes_[1].start = episodes_[0].start;
  episodes_.erase(episodes_.begin());
  return true;
}

}  // namespace picket::detector
