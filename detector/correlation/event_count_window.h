#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "detector/correlation/step_function.h"

namespace picket::detector {

// Describes the events in a window of event time.
struct WindowExtent {
  int64_t start = 0;  // time of the first event in the window
  int64_t end = 0;    // time of the last event in the window
  int64_t count = 0;
};

// Returns the width of the buckets that store a window. The width is timespan / 64, but at least
// one second.
int64_t BucketWidthMs(absl::Duration timespan);

// Counts the events of one group inside inclusive windows [t - timespan, t] of event time.
// Events may arrive in any order.
// Threads: one thread uses an instance. Lifetime: each group has one instance.
// Failure: only RestoreBucket can fail. The caller rejects events that are older than the allowed
// lateness, and bounds size().
// Complexity: Add takes amortised O(1) for an event that arrives in order. Otherwise, it takes
// O(64 + events in the two buckets at the ends of the window).
class EventCountWindow {
 public:
  explicit EventCountWindow(absl::Duration timespan);

  // Adds events at `time`. Returns the greatest number of events in any window that contains
  // `time`.
  int64_t Add(int64_t time, int32_t events = 1);
  // Reverses a call of Add.
  void Remove(int64_t time, int32_t events = 1);

  // Returns the earliest window that contains `time` and at least `least` events.
  WindowExtent Find(int64_t time, int64_t least) const;
  // Counts the events in [from, to].
  WindowExtent Count(int64_t from, int64_t to) const;
  // Sets `time` to the time of the first event at or after `from`. Returns false if there is no
  // such event.
  bool FirstFrom(int64_t from, int64_t* time) const;

  // Returns the number of steps (step_function.h), a measure of memory use. Each distinct event
  // time needs at most two steps.
  int64_t size() const { return counts_.size(); }
  int64_t width() const { return width_; }
  int64_t BucketOf(int64_t time) const { return FloorDivide(time, width_); }
  bool FirstBucket(int64_t* bucket) const;

  // Returns the value of the row that stores a bucket in the topic `state`. For each distinct time
  // in the bucket, the value contains the distance from the previous time (or the start of the
  // bucket) and the number of events. Returns "" if the bucket has no events.
  std::string EncodeBucket(int64_t bucket) const;
  // Adds the events of a row. Returns false if the row is invalid.
  bool RestoreBucket(int64_t bucket, std::string_view row);

  // Forget and Evict drop the buckets below `bucket`. Evict also subtracts the dropped events from
  // the counts of the windows that contain them. Forget leaves these counts as they are, so call
  // Forget only if no such window is needed any more.
  void Forget(int64_t bucket);
  void Evict(int64_t bucket);

  const StepFunction& counts() const { return counts_; }

 private:
  const int64_t span_;
  const int64_t width_;
  StepFunction counts_;
};

}  // namespace picket::detector
