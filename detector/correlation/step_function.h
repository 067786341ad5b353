#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace picket::detector {

// A whole-number function of time made of steps: how many events (or distinct values) a window that ends at that time
// holds. An event at t adds one on [t, t + timespan].
//
// The time axis is cut into buckets; a bucket knows its steps, the value before its first step and its maximum, so that
// a range is added and searched by whole buckets. Times beyond the newest event hold nothing but falling steps, which is
// where nearly all events arrive: there nothing is summed until event time gets there.
// Threads: one. Failure: none.
// Complexity of Add: in order amortised O(1); else O(buckets in the range + steps in the two buckets at its ends).
class StepFunction {
 public:
  explicit StepFunction(int64_t bucket_ms) : bucket_ms_(bucket_ms) {}
  StepFunction(const StepFunction&) = delete;
  StepFunction& operator=(const StepFunction&) = delete;

  // Adds `n` on [from, to] for an event at `now` (now <= from <= to) and returns the greatest value on [from, to] as far
  // as events have come; 0 where all of it lies ahead of them.
  int32_t Add(int64_t now, int64_t from, int64_t to, int32_t n);

  // The value at `time`.
  int32_t At(int64_t time) const;

  // The earliest time in [from, to] where the value is at least `least`; `to` + 1 when there is none.
  int64_t FirstAtLeast(int64_t from, int64_t to, int32_t least) const;

  // What began at a time: `plus` of all ranges with that `from`.
  struct Step {
    uint32_t offset;  // from the start of the bucket
    int32_t plus;     // ranges that begin here
    int32_t minus;    // ranges that ended just before
  };
  struct Bucket {
    int32_t base = 0;  // value before the first step; kept up to the front only
    int32_t max = 0;   // greatest value inside; kept up to the front only
    std::vector<Step> steps;
  };
  // By number: the bucket of time t is floor(t / bucket_ms).
  const std::map<int64_t, Bucket>& buckets() const { return buckets_; }

  // Steps that are kept: what the function takes of memory.
  int64_t size() const { return size_; }

  // Forgets the buckets below `bucket`, without taking back what they added behind it.
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
  Iterator front_;          // the last bucket whose base and max are kept
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
