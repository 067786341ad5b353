#include "detector/correlation/correlation_metrics.h"

namespace picket::detector::correlation {
namespace {

Counter& EvictionCounter(Metrics& metrics, const char* what) {
  return metrics.GetCounter("picket_correlation_evictions_total",
                            "State of correlations that was dropped to bound memory use.",
                            {{"what", what}});
}

}  // namespace

CorrelationMetrics::CorrelationMetrics(Metrics& metrics)
    : late(metrics.GetCounter("picket_correlation_late_events_total",
                              "Events that were too old for the windows of their correlation.")),
      future(metrics.GetCounter(
          "picket_correlation_future_events_total",
          "Events whose time was too far after their arrival to advance event time.")),
      skipped(metrics.GetCounter(
          "picket_correlation_skipped_events_total",
          "Events that lack a field that their correlation groups by or counts.")),
      evicted_steps(EvictionCounter(metrics, "window")),
      evicted_groups(EvictionCounter(metrics, "group")),
      evicted_episodes(EvictionCounter(metrics, "episode")),
      bad_rows(metrics.GetCounter("picket_correlation_bad_rows_total",
                                  "Rows of the topic state that could not be decoded.")),
      groups(metrics.GetGauge("picket_correlation_groups", "Groups with an open window.")) {}

}  // namespace picket::detector::correlation
