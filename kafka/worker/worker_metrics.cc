#include "kafka/worker/worker_metrics.h"

#include <utility>

namespace picket::kafka {

WorkerMetrics::WorkerMetrics(Metrics& metrics, const std::string& stage, Topic input,
                             const std::string& topic_prefix)
    : messages_in(metrics.GetCounter(
          "picket_messages_in_total", "Input messages in committed transactions.",
          {{"stage", stage}, {"topic", TopicName(topic_prefix, input)}})),
      restored_rows(metrics.GetCounter(
          "picket_restored_rows_total",
          "Changelog rows that were read to restore assigned partitions.", {{"stage", stage}})),
      rebalances(metrics.GetCounter("picket_rebalances_total",
                                    "Number of assignments of partitions to a worker.",
                                    {{"stage", stage}})),
      coverage_gaps(metrics.GetCounter("picket_input_gaps_total",
                                       "Ranges of input that were deleted before they were read.",
                                       {{"stage", stage}})),
      commit_seconds(metrics.GetHistogram("picket_commit_duration_seconds",
                                          "Time from the beginning of a transaction to its commit.",
                                          LatencyBounds(), {{"stage", stage}})),
      restore_seconds(metrics.GetHistogram(
          "picket_restore_duration_seconds",
          "Time from the assignment of a partition until its state is restored.",
          {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300}, {{"stage", stage}})),
      metrics_(metrics),
      stage_(std::move(stage)) {
  for (const TopicSpec& spec : Topics()) {
    out_.push_back(&metrics.GetCounter(
        "picket_messages_out_total", "Output messages in committed transactions.",
        {{"stage", stage_}, {"topic", TopicName(topic_prefix, spec.topic)}}));
  }
}

Counter& WorkerMetrics::Transactions(const std::string& outcome) {
  return metrics_.GetCounter("picket_transactions_total", "Transactions by outcome.",
                             {{"stage", stage_}, {"outcome", outcome}});
}

Counter& WorkerMetrics::DeadLetters(const std::string& reason) {
  return metrics_.GetCounter(
      "picket_rejected_messages_total",
      "Input messages that the worker wrote to the dead letters unprocessed.",
      {{"stage", stage_}, {"reason", reason}});
}

Gauge& WorkerMetrics::Lag(int32_t partition) {
  return metrics_.GetGauge("picket_input_lag_messages",
                           "Input messages that are not processed yet.",
                           {{"stage", stage_}, {"partition", std::to_string(partition)}});
}

}  // namespace picket::kafka
