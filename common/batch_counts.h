#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/metrics.h"

namespace picket {

class BatchCounts;

// The number that the open batch adds to one counter. See BatchCounts.
class BatchCount {
 public:
  BatchCount(BatchCounts& batch, Counter& counter) : batch_(batch), counter_(counter) {}
  BatchCount(const BatchCount&) = delete;
  BatchCount& operator=(const BatchCount&) = delete;

  inline void Add(int64_t count = 1);

 private:
  friend class BatchCounts;

  BatchCounts& batch_;
  Counter& counter_;
  int64_t open_ = 0;
};

// Counts that belong to the open batch of a worker. Commit adds the counts to their counters, and
// Abort drops the counts. Therefore, a counter never includes an aborted batch, and a batch that is
// repeated after an abort is counted once.
// Threads: one thread uses an instance; the counters may be shared. Lifetime: the counters must
// outlive the instance. Complexity: Add takes constant time; Commit and Abort are linear in the
// number of counters that the batch has changed.
class BatchCounts {
 public:
  BatchCounts() = default;
  BatchCounts(const BatchCounts&) = delete;
  BatchCounts& operator=(const BatchCounts&) = delete;

  // Returns the open count of a counter. Repeated calls return the same object. The object exists
  // until this BatchCounts is destroyed.
  BatchCount& Of(Counter& counter);

  void Commit();
  void Abort();

 private:
  friend class BatchCount;

  std::deque<BatchCount> counts_;
  absl::flat_hash_map<Counter*, BatchCount*> by_counter_;
  std::vector<BatchCount*> used_;  // the counts that are not 0
};

void BatchCount::Add(int64_t count) {
  if (count == 0) return;
  if (open_ == 0) batch_.used_.push_back(this);
  open_ += count;
}

}  // namespace picket
