#pragma once

#include "common/batch_counts.h"
#include "common/metrics.h"

namespace picket::detector::correlation {

// The metrics of one correlator. Commit publishes the counts of the open transaction, and Abort
// drops these counts.
// Threads: one thread uses an instance. Lifetime: the registry must outlive the instance.
struct CorrelationMetrics {
  explicit CorrelationMetrics(Metrics& metrics);

  void Commit() { batch.Commit(); }
  void Abort() { batch.Abort(); }

  BatchCounts batch;
  BatchCount& late;
  BatchCount& future;
  BatchCount& skipped;
  BatchCount& evicted_steps;
  BatchCount& evicted_groups;
  BatchCount& evicted_episodes;
  GaugeShare groups;
};

}  // namespace picket::detector::correlation
