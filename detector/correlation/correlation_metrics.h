#pragma once

#include "common/metrics.h"

namespace picket::detector::correlation {

// The metrics of one correlator.
// Threads: any thread may use an instance. Lifetime: the registry must outlive the instance.
struct CorrelationMetrics {
  explicit CorrelationMetrics(Metrics& metrics);

  Counter& late;
  Counter& future;
  Counter& skipped;
  Counter& evicted_steps;
  Counter& evicted_groups;
  Counter& evicted_episodes;
  Counter& bad_rows;
  Gauge& groups;
};

}  // namespace picket::detector::correlation
