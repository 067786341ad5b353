#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "detector/correlation/step_function.h"

namespace picket::detector {

// A window of event time and its count.
struct WindowExtent {
  int64_t start = 0;  // time of the first event in it
  int64_t end = 0;    // time of the last event in it
  int64_t count = 0;
};

// Width of the buckets in which a window is stored: timespan / 64, at least a second.
int64_t BucketWidthMs(absl::Duration timespan);

// Counts the events of one group inside windows [t - timespan, t] of event time, both ends
// included. Events may arrive in any order.
// Threads: used by one worker thread only. Lifetime: one per live group of an assigned partition.
// Failure: none; the caller rejects events older than the allowed lateness and bounds size().
// Complexity: Add in order amortised O(1); out of order O(64 + events in the two buckets at the
// ends of the window).
class EventCountWindow {
 public:
  explicit EventCountWindow(absl::Duration timespan);

  // Returns the greatest number of events in any window that contains `time`.
  int64_t Add(int64_t time, int32_t events = 1);
  // Reverses an Add.
  void Remove(int64_t time, int32_t events = 1);

  // The earliest window that contains `time` and at least `least` events.
  WindowExtent Find(int64_t time, int64_t least) const;
  // The events in [from, to].
  WindowExtent Count(int64_t from, int64_t to) const;
  // Sets `time` to the first event at or after `from`. Returns false if there is none.
  bool FirstFrom(int64_t from, int64_t* time) const;

  // Memory use in steps: at most two for each distinct time.
  int64_t size() const { return counts_.size(); }
  int64_t width() const { return width_; }
  int64_t BucketOf(int64_t time) const { return FloorDivide(time, width_); }
  bool FirstBucket(int64_t* bucket) const;

  // The content of a row of `state`: pairs of offset and number of events. Empty if the bucket has
  // no events.
  std::string EncodeBucket(int64_t bucket) const;
  // Adds the events of a row. Returns false if the row is invalid.
  bool RestoreBucket(int64_t bucket, std::string_view row);

  // Both drop the buckets below `bucket`. Forget: no window that can still change reaches back to
  // them. Evict: some window does, and counts less from now on.
  void Forget(int64_t bucket);
  void Evict(int64_t bucket);

  const StepFunction& counts() const { return counts_; }

 private:
  const int64_t span_;
  const int64_t width_;
  StepFunction counts_;
};

}  // namespace picket::detector
