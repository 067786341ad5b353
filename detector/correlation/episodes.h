#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace picket::detector {

// An interval of event time for which an alert has been raised. `start` and `end` are times of
// events, in milliseconds.
struct Episode {
  int64_t start;
  int64_t end;
};

// The episodes of one group, sorted by time and more than a timespan apart. An alert opens an
// episode. Further events within a timespan of the episode extend the episode and raise no alert.
// Threads: one thread uses an instance. Lifetime: each group has one instance. Failure: no
// operation fails; beyond kMax episodes, the two oldest are merged.
// Complexity: operations take constant time for the newest episode, and otherwise linear time in
// the number of episodes.
class Episodes {
 public:
  static constexpr size_t kMax = 128;

  // If [start, end] is within `span` of an episode, extends the episode to contain [start, end] and
  // returns true.
  bool Extend(int64_t start, int64_t end, int64_t span);

  // Adds an episode. Call this only if Extend has returned false. If the group then has more than
  // kMax episodes, merges the two oldest episodes and returns true. Events between the two merged
  // episodes then raise no alert. This is better than dropping an episode, which could repeat an
  // alert.
  bool Open(int64_t start, int64_t end);

  // Appends an episode that is later than all others. Call this only to restore a group.
  void Append(Episode episode) { episodes_.push_back(episode); }
  void Clear() { episodes_.clear(); }

  const std::vector<Episode>& all() const { return episodes_; }

 private:
  std::vector<Episode> episodes_;
};

}  // namespace picket::detector
