#include "kafka/worker/worker_metrics.h"

namespace picket::kafka {

WorkerMetrics::WorkerMetrics(Metrics& metrics, const std::string& stage, Topic input,
                             const std::string& topic_prefix)
    : messages_in(
          metrics.GetCounter("picket_messages_in_total",
                             {{"stage", stage}, {"topic", TopicName(topic_prefix, input)}})),
      restored_rows(metrics.GetCounter("picket_restored_rows_total", {{"stage", stage}})),
      rebalances(metrics.GetCounter("picket_rebalances_total", {{"stage", stage}})),
      coverage_gaps(metrics.GetCounter("picket_input_gaps_total", {{"stage", stage}})),
      commit_seconds(metrics.GetHistogram("picket_commit_duration_seconds", LatencyBounds(),
                                          {{"stage", stage}})),
      restore_seconds(metrics.GetHistogram("picket_restore_duration_seconds",
                                           {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300},
                                           {{"stage", stage}})),
      metrics_(metrics),
      stage_(stage) {
  for (const TopicSpec& spec : Topics()) {
    out_.push_back(
        &metrics.GetCounter("picket_messages_out_total",
                            {{"stage", stage_}, {"topic", TopicName(topic_prefix, spec.topic)}}));
  }
}

Counter& WorkerMetrics::Transactions(const std::string& outcome) {
  return metrics_.GetCounter("picket_transactions_total",
                             {{"stage", stage_}, {"outcome", outcome}});
}

OwnedGauge WorkerMetrics::Lag(int32_t partition) {
  return metrics_.OwnGauge("picket_input_lag_messages",
                           {{"stage", stage_}, {"partition", std::to_string(partition)}});
}

}  // namespace picket::kafka
