#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "detector/correlation/step_function.h"

namespace picket::detector {

// A stretch of event time with what was counted in it.
struct WindowExtent {
  int64_t start = 0;  // time of the first event in it
  int64_t end = 0;    // time of the last one
  int64_t count = 0;
};

// Width of the buckets in which a window is kept and written: timespan / 64, at least a second.
int64_t BucketWidthMs(absl::Duration timespan);

// Counts the events of one group inside windows [t - timespan, t] of event time, both ends included, whatever order the
// events come in.
// Threads: used by one worker thread only. Lifetime: one per live group of an assigned partition.
// Failure: none; an event older than the allowed lateness is refused by the caller, size() is bounded by the caller.
// Complexity of Add: in order amortised O(1); out of order O(64 + events in the two buckets at the ends of the window).
class EventCountWindow {
 public:
  explicit EventCountWindow(absl::Duration timespan);

  // Returns the greatest number of events in any window that holds `time`.
  int64_t Add(int64_t time, int32_t events = 1);
  // Takes back an Add.
  void Remove(int64_t time, int32_t events = 1);

  // The earliest window that holds `time` and at least `least` events.
  WindowExtent Find(int64_t time, int64_t least) const;
  // What lies in [from, to].
  WindowExtent Count(int64_t from, int64_t to) const;
  // Time of the first event at or after `from`; false when there is none.
  bool FirstFrom(int64_t from, int64_t* time) const;

  // Steps that are kept, at most two for each different time.
  int64_t size() const { return counts_.size(); }
  int64_t width() const { return width_; }
  int64_t BucketOf(int64_t time) const { return FloorDivide(time, width_); }
  bool FirstBucket(int64_t* bucket) const;

  // A bucket as a row of `state`: pairs of offset and number of events. Empty when the bucket holds none.
  std::string EncodeBucket(int64_t bucket) const;
  // Adds what a row holds; false when it cannot be read.
  bool RestoreBucket(int64_t bucket, std::string_view row);

  // Drops the buckets below `bucket`: Forget where no window that could still change reaches back to them, Evict where
  // one does, which then counts less.
  void Forget(int64_t bucket);
  void Evict(int64_t bucket);

  const StepFunction& counts() const { return counts_; }

 private:
  const int64_t span_;
  const int64_t width_;
  StepFunction counts_;
};

}  // namespace picket::detector
