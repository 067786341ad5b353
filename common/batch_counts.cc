#include "common/batch_counts.h"

namespace picket {

BatchCount& BatchCounts::Of(Counter& counter) {
  BatchCount*& count = by_counter_[&counter];
  if (count == nullptr) count = &counts_.emplace_back(*this, counter);
  return *count;
}

void BatchCounts::Commit() {
  for (BatchCount* const count : used_) {
    count->counter_.Increment(static_cast<double>(count->open_));
    count->open_ = 0;
  }
  used_.clear();
}

void BatchCounts::Abort() {
  for (BatchCount* const count : used_) count->open_ = 0;
  used_.clear();
}

}  // namespace picket
