#pragma once

#include <cstdint>
#include <limits>
#include <random>

namespace picket::parser {

// Picks one of `one_in` events on average. The gap between picked events is random, from 1 to
// 2 * one_in - 1. If the gap were fixed and records arrived in a regular order, some kinds of
// records might never be picked.
// Threads: an object is used by one thread.
class EventSample {
 public:
  // Constructs a sample that never picks an event.
  EventSample() = default;
  explicit EventSample(int64_t one_in) : gap_(1, 2 * one_in - 1), left_(gap_(random_)) {}

  // Returns true if the next event is picked. The usual cost is one decrement.
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
