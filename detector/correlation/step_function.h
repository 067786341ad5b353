#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace picket::detector {

// An integer step function of time. The value at each moment is the count of the window that ends
// at that moment. An event at t adds one to the value on [t, t + timespan].
//
// Time is divided into buckets. A bucket stores its steps, the value before its first step
// (`base`), and its greatest value (`max`). With `base` and `max`, it takes constant time to add to
// the value throughout a bucket, and to find the greatest value of a bucket. The front is the
// bucket of the newest event. Buckets after the front contain only the ends of windows. Their
// `base` and `max` are computed when the front reaches them.
// Threads: one thread uses an instance. Lifetime: each window has one instance. Failure: no
// operation can fail.
// Complexity: Add takes amortised O(1) for an event that arrives in order. Otherwise, it takes
// O(buckets in the range + steps in the two buckets at the ends of the range).
class StepFunction {
 public:
  explicit StepFunction(int64_t bucket_ms) : bucket_ms_(bucket_ms) {}
  StepFunction(const StepFunction&) = delete;
  StepFunction& operator=(const StepFunction&) = delete;

  // Adds `n` to the value on [from, to] for an event at `now` (now <= from <= to). Returns the
  // greatest value on the part of [from, to] up to the newest event, or 0 if that part is empty.
  int32_t Add(int64_t now, int64_t from, int64_t to, int32_t n);

  // Returns the value at `time`.
  int32_t At(int64_t time) const;

  // Returns the earliest time in [from, to] at which the value is at least `least`, or `to` + 1 if
  // there is no such time.
  int64_t FirstAtLeast(int64_t from, int64_t to, int32_t least) const;

  // The change of the value at one time.
  struct Step {
    uint32_t offset;  // milliseconds from the start of the bucket
    int32_t plus;     // number of ranges (see Add) that begin at this time
    int32_t minus;    // number of ranges that ended one millisecond earlier
  };
  struct Bucket {
    int32_t base = 0;  // value before the first step; not valid after the front
    int32_t max = 0;   // greatest value in the bucket; not valid after the front
    std::vector<Step> steps;
  };
  // Returns the buckets by index. Time t is in the bucket with the index floor(t / bucket_ms).
  const std::map<int64_t, Bucket>& buckets() const { return buckets_; }

  // Returns the number of stored steps, a measure of memory use.
  int64_t size() const { return size_; }

  // Drops the buckets below `bucket`. The value in the remaining buckets does not change.
  void DropBelow(int64_t bucket);
  void Clear();

 private:
  using Iterator = std::map<int64_t, Bucket>::iterator;

  int64_t NumberOf(int64_t time) const;
  Iterator Get(int64_t number);
  void AdvanceTo(int64_t time);
  void AddStep(Iterator bucket, int64_t time, int32_t plus, int32_t minus);
  static int32_t Sum(const Bucket& bucket);
  void Recount(Bucket& bucket);

  const int64_t bucket_ms_;
  std::map<int64_t, Bucket> buckets_;
  int64_t size_ = 0;
  bool has_front_ = false;
  Iterator front_;          // the last bucket whose base and max are valid
  int64_t front_time_ = 0;  // greatest `now` of all calls of Add
  bool cursor_valid_ = false;
  size_t cursor_ = 0;         // index in front_ of the first step after front_time_
  int32_t cursor_value_ = 0;  // the value at front_time_
};

// Returns floor(a / b) for b > 0.
inline int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return quotient - (a % b < 0 ? 1 : 0);
}

}  // namespace picket::detector
