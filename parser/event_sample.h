#pragma once

#include <cstdint>
#include <limits>
#include <random>

namespace picket::parser {

// Picks one event in `one_in`, on average. The gaps are random, between 1 and twice the mean, so
// that records in a regular order are not missed forever.
// Threads: one.
class EventSample {
 public:
  // Picks no event.
  EventSample() = default;
  explicit EventSample(int64_t one_in) : gap_(1, 2 * one_in - 1), left_(gap_(random_)) {}

  // Whether the next event is picked. Usually costs one decrement.
  bool Picks() {
    if (--left_ > 0) return false;
    left_ = gap_(random_);
    return true;
  }

 private:
  std::minstd_rand random_;
  std::uniform_int_distribution<int64_t> gap_;
  int64_t left_ = std::numeric_limits<int64_t>::max();
};

}  // namespace picket::parser
