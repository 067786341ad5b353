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

// Counts the distinct values of one group inside inclusive windows [t - timespan, t] of event time.
// Events may arrive in any order. A value is identified by a 64-bit hash that the caller computes.
//
// A value that occurs at t counts in every window that ends in [t, t + timespan], but only once in
// each window. Only the first and the last time of a value in each bucket are stored. The counts
// are still exact, because a bucket is no wider than the timespan.
// Threads: one thread uses an instance. Lifetime: each group has one instance.
// Failure: only RestorePart can fail. The caller bounds size().
// Complexity: Add takes amortised O(1) for an event that arrives in order, however many values
// there are. Otherwise, it takes O(64 + steps in two buckets).
class ValueCountWindow {
 public:
  explicit ValueCountWindow(absl::Duration timespan);

  // The changes that one call of Add makes. Undo reverses them.
  struct Change {
    int64_t time = 0;
    int64_t bucket = 0;
    uint64_t value = 0;
    bool is_new = false;  // true if the value was not in the bucket before the call
    // The first and the last offset of the value in the bucket before the call. Unused if is_new.
    uint32_t old_first = 0;
    uint32_t old_last = 0;
    // The call raised the counts of the windows that end in [from, to]. If from > to, the call
    // raised no count.
    int64_t from = 0;
    int64_t to = -1;
    uint32_t index = 0;  // index of the value in the bucket
  };
  // Adds a value. If the value raised the counts of any windows, returns the greatest of these
  // counts. Otherwise, returns 0.
  int64_t Add(int64_t time, uint64_t value, Change* change);
  // Reverses a call of Add. Changes must be undone in the reverse order of the calls.
  void Undo(const Change& change);

  WindowExtent Find(int64_t time, int64_t least) const;
  WindowExtent Count(int64_t from, int64_t to) const;
  bool FirstFrom(int64_t from, int64_t* time) const;

  // Returns the number of (bucket, value) pairs, a measure of memory use.
  int64_t size() const { return size_; }
  int64_t width() const { return width_; }
  int64_t BucketOf(int64_t time) const { return FloorDivide(time, width_); }
  bool FirstBucket(int64_t* bucket) const;

  // A bucket is stored in parts, so that adding a value does not rewrite the whole bucket.
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
  // Returns null if the bucket does not contain the value.
  const Occurrence* Find(uint64_t value, int64_t bucket) const;
  int64_t FirstTime(const Occurrence& o) const { return o.bucket * width_ + o.first; }
  int64_t LastTime(const Occurrence& o) const { return o.bucket * width_ + o.last; }

  const int64_t span_;
  const int64_t width_;
  StepFunction counts_;
  absl::flat_hash_map<uint64_t, Occurrences> values_;
  // The values of each bucket, in order of arrival.
  std::map<int64_t, std::vector<uint64_t>> buckets_;
  int64_t size_ = 0;
};

}  // namespace picket::detector
