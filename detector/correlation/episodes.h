#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace picket::detector {

// A stretch of event time for which an alert has been raised. Both ends are event times in
// milliseconds.
struct Episode {
  int64_t start;
  int64_t end;
};

// The episodes of one group, in order of time and more than a timespan apart. An episode raises one
// alert; further events within a timespan of it extend it silently.
// Threads: one. Lifetime: one per group. Failure: none; beyond kMax episodes the two oldest are
// merged.
// Complexity: constant for the newest episode, else linear in the number of episodes.
class Episodes {
 public:
  static constexpr size_t kMax = 128;

  // If [start, end] is within `span` of an episode, extends this episode to contain it and returns
  // true.
  bool Extend(int64_t start, int64_t end, int64_t span);

  // Adds an episode that Extend did not find. Returns true if the two oldest were merged to make
  // room. Then the time between them counts as alerted: missing an old alert is better than
  // repeating one.
  bool Open(int64_t start, int64_t end);

  // Used to restore: appends an episode that is later than all others.
  void Append(Episode episode) { episodes_.push_back(episode); }
  void Clear() { episodes_.clear(); }

  const std::vector<Episode>& all() const { return episodes_; }

 private:
  std::vector<Episode> episodes_;
};

}  // namespace picket::detector
