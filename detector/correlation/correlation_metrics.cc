#include "detector/correlation/correlation_metrics.h"

namespace picket::detector::correlation {
namespace {

Counter& EvictionCounter(Metrics& metrics, const char* what) {
  return metrics.GetCounter("picket_correlation_evictions_total", {{"what", what}});
}

}  // namespace

CorrelationMetrics::CorrelationMetrics(Metrics& metrics)
    : late(batch.Of(metrics.GetCounter("picket_correlation_late_events_total"))),
      future(batch.Of(metrics.GetCounter("picket_correlation_future_events_total"))),
      skipped(batch.Of(metrics.GetCounter("picket_correlation_skipped_events_total"))),
      evicted_steps(batch.Of(EvictionCounter(metrics, "window"))),
      evicted_groups(batch.Of(EvictionCounter(metrics, "group"))),
      evicted_episodes(batch.Of(EvictionCounter(metrics, "episode"))),
      groups(metrics.GetGauge("picket_correlation_groups")) {}

}  // namespace picket::detector::correlation
