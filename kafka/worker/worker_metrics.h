#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/metrics.h"
#include "kafka/config.h"
#include "kafka/topics.h"

namespace picket::kafka {

// The metrics of one stage's workers.
// Threads: Any thread may use it. Lifetime: `metrics` must outlive the object.
class WorkerMetrics {
 public:
  WorkerMetrics(Metrics& metrics, const std::string& stage, Topic input,
                const std::string& topic_prefix);

  Counter& Transactions(const std::string& outcome);  // `outcome` is committed, aborted or unknown
  // Returns the gauge of a partition's lag. The series exists as long as the returned object.
  OwnedGauge Lag(int32_t partition);
  Counter& MessagesOut(Topic topic) { return *out_[static_cast<size_t>(topic)]; }

  Counter& messages_in;
  Counter& restored_rows;
  Counter& rebalances;
  Counter& coverage_gaps;
  Histogram& commit_seconds;
  Histogram& restore_seconds;

 private:
  Metrics& metrics_;
  const std::string stage_;
  std::vector<Counter*> out_;  // indexed by Topic
};

}  // namespace picket::kafka
