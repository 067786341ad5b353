#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "detector/correlation/event_count_window.h"
#include "detector/correlation/step_function.h"

namespace picket::detector {

// Counts the different values of one group inside windows [t - timespan, t] of event time, both ends included, whatever
// order the events come in. A value is known by a 64-bit hash that its caller makes.
//
// A value that occurs at t counts in every window that ends in [t, t + timespan]; where its other occurrences count
// already, it adds nothing. Of a value only the first and the last time in each bucket are kept, which is exact, since a
// bucket is no wider than the timespan.
// Threads: used by one worker thread only. Lifetime: one per live group of an assigned partition. Failure: none; size()
// is bounded by the caller.
// Complexity of Add: in order amortised O(1), however many values there are; out of order O(64 + steps in two buckets).
class ValueCountWindow {
 public:
  explicit ValueCountWindow(absl::Duration timespan);

  // What an Add did, so that it can be taken back.
  struct Change {
    int64_t time = 0;
    int64_t bucket = 0;
    uint64_t value = 0;
    bool is_new = false;     // the value was not in the bucket before
    uint32_t old_first = 0;  // else: what it had there
    uint32_t old_last = 0;
    int64_t from = 0;  // windows that gained; none when from > to
    int64_t to = -1;
    uint32_t index = 0;  // of the value in its bucket: says which part was changed
  };
  // Returns the greatest number of different values in any window that gained by it; 0 when none did.
  int64_t Add(int64_t time, uint64_t value, Change* change);
  // Changes are taken back from the newest to the oldest.
  void Undo(const Change& change);

  WindowExtent Find(int64_t time, int64_t least) const;
  WindowExtent Count(int64_t from, int64_t to) const;
  bool FirstFrom(int64_t from, int64_t* time) const;

  // Pairs of a bucket and a value in it.
  int64_t size() const { return size_; }
  int64_t width() const { return width_; }
  int64_t BucketOf(int64_t time) const { return FloorDivide(time, width_); }
  bool FirstBucket(int64_t* bucket) const;

  // A bucket is written in parts of at most 512 values, so that one new value does not write all of them again.
  static constexpr uint32_t kValuesPerPart = 512;
  uint32_t PartsOf(int64_t bucket) const;
  std::string EncodePart(int64_t bucket, uint32_t part) const;
  bool RestorePart(int64_t bucket, uint32_t part, std::string_view row);

  void Forget(int64_t bucket);
  void Evict(int64_t bucket);

  const std::map<int64_t, std::vector<uint64_t>>& buckets() const { return buckets_; }

 private:
  struct Occurrence {
    int64_t bucket;
    uint32_t first;
    uint32_t last;
    uint32_t index;
  };
  using Occurrences = absl::InlinedVector<Occurrence, 1>;

  static Occurrence* FindIn(Occurrences& all, int64_t bucket);
  // What is known of a value in a bucket; null when it is not there.
  const Occurrence* Find(uint64_t value, int64_t bucket) const;
  int64_t FirstTime(const Occurrence& o) const { return o.bucket * width_ + o.first; }
  int64_t LastTime(const Occurrence& o) const { return o.bucket * width_ + o.last; }

  const int64_t span_;
  const int64_t width_;
  StepFunction counts_;
  absl::flat_hash_map<uint64_t, Occurrences> values_;
  std::map<int64_t, std::vector<uint64_t>> buckets_;  // values in the order in which they came
  int64_t size_ = 0;
};

}  // namespace picket::detector
