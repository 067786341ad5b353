#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace picket::detector {

// An integer step function of time: the count of the window that ends at each moment. An event at t
// adds one on [t, t + timespan].
//
// Time is divided into buckets. A bucket stores its steps, the value before its first step and its
// maximum, so that a range is added and searched by whole buckets. Nearly all events arrive in
// order, at the front. Beyond the front there are only falling steps, and the values and maxima of
// these buckets are not computed until event time reaches them.
// Threads: one. Lifetime: one per window. Failure: none.
// Complexity: Add in order amortised O(1); else O(buckets in the range + steps in the two buckets
// at its ends).
class StepFunction {
 public:
  explicit StepFunction(int64_t bucket_ms) : bucket_ms_(bucket_ms) {}
  StepFunction(const StepFunction&) = delete;
  StepFunction& operator=(const StepFunction&) = delete;

  // Adds `n` on [from, to] for an event at `now` (now <= from <= to). Returns the greatest value on
  // the part of [from, to] up to the newest event; 0 if that part is empty.
  int32_t Add(int64_t now, int64_t from, int64_t to, int32_t n);

  // The value at `time`.
  int32_t At(int64_t time) const;

  // The earliest time in [from, to] at which the value is at least `least`; `to` + 1 if there is
  // none.
  int64_t FirstAtLeast(int64_t from, int64_t to, int32_t least) const;

  // The change of the value at one time.
  struct Step {
    uint32_t offset;  // from the start of the bucket
    int32_t plus;     // ranges that begin here
    int32_t minus;    // ranges that ended one millisecond before
  };
  struct Bucket {
    int32_t base = 0;  // value before the first step; only valid up to the front
    int32_t max = 0;   // greatest value inside; only valid up to the front
    std::vector<Step> steps;
  };
  // By number: time t is in bucket floor(t / bucket_ms).
  const std::map<int64_t, Bucket>& buckets() const { return buckets_; }

  // Memory use: the number of stored steps.
  int64_t size() const { return size_; }

  // Drops the buckets below `bucket`. What they added to later buckets stays.
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
  int64_t front_time_ = 0;  // newest `now`
  bool cursor_valid_ = false;
  size_t cursor_ = 0;         // in front_: the first step after front_time_
  int32_t cursor_value_ = 0;  // the value at front_time_
};

// floor(a / b) for b > 0.
inline int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return quotient - (a % b < 0 ? 1 : 0);
}

}  // namespace picket::detector
