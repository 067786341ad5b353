#pragma once

#include <string>
#include <string_view>

#include "common/batch_counts.h"
#include "common/metrics.h"
#include "common/strings.h"

namespace picket::kafka {

// Counts what one stage took on and what became of it. The counts belong to the open transaction
// until Commit or Abort, like the stage's state. Over all committed transactions,
//   picket_records_in_total = picket_records_out_total + picket_duplicates_total
//                             + picket_dead_letters_total + picket_dropped_total
// The unit is the smallest thing that the stage decides about, such as a record (docs/metrics.md).
// The stage calls `in` and the outcome at different places, so that the sums check each other.
//
// Threads: One thread uses an instance. Lifetime: Each stage has its own instance. `metrics` must
// outlive it.
class StageCounts {
 public:
  StageCounts(Metrics& metrics, std::string_view stage);

  BatchCount& in() { return in_; }
  BatchCount& out() { return out_; }
  BatchCount& duplicates() { return duplicates_; }
  // `reason` must be one of a few constants, because each reason has its own counter.
  BatchCount& dead_letters(std::string_view reason);
  BatchCount& dropped(std::string_view reason);

  // Holds further counts of the stage that belong to the open transaction.
  BatchCounts& batch() { return batch_; }

  void Commit() { batch_.Commit(); }
  void Abort() { batch_.Abort(); }

 private:
  Metrics& metrics_;
  const std::string stage_;
  BatchCounts batch_;
  BatchCount& in_;
  BatchCount& out_;
  BatchCount& duplicates_;
  StringMap<BatchCount*> dead_letters_;  // indexed by reason
};

}  // namespace picket::kafka
