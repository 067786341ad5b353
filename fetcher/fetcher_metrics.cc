#include "fetcher/fetcher_metrics.h"

namespace picket::fetcher {
namespace {

Counter& Bytes(Metrics& metrics, const char* form) {
  return metrics.GetCounter("picket_fetcher_received_bytes_total", {{"form", form}});
}

}  // namespace

FetcherMetrics::FetcherMetrics(Metrics& metrics)
    : decoded_bytes(Bytes(metrics, "decoded")),
      wire_bytes(Bytes(metrics, "wire")),
      spilled(metrics.GetCounter("picket_fetcher_spilled_blobs_total")),
      token_errors(metrics.GetCounter("picket_fetcher_token_errors_total")),
      discarded_responses(metrics.GetCounter("picket_fetcher_dropped_results_total")),
      rejected_links(metrics.GetCounter("picket_fetcher_refused_links_total")),
      budget_used(metrics.GetGauge("picket_fetcher_budget_used_bytes")),
      metrics_(metrics) {}

void FetcherMetrics::CountRequest(std::string_view kind, std::string_view code) {
  metrics_
      .GetCounter("picket_fetcher_requests_total",
                  {{"kind", std::string(kind)}, {"code", std::string(code)}})
      .Increment();
}

FetcherMetrics::Tenant FetcherMetrics::OfTenant(const std::string& tenant,
                                                const std::string& name) {
  const MetricLabels labels = {{"tenant", tenant}};
  Tenant gauges{metrics_.OwnGauge("picket_tenant_info", {{"tenant", tenant}, {"name", name}}),
                metrics_.OwnGauge("picket_fetcher_tenant_healthy", labels),
                metrics_.OwnGauge("picket_fetcher_requests_per_minute", labels),
                metrics_.OwnGauge("picket_fetcher_listing_lag_seconds", labels),
                metrics_.OwnGauge("picket_fetcher_oldest_unfetched_seconds", labels),
                metrics_.OwnGauge("picket_fetcher_unfetched_blobs", labels)};
  gauges.info.Set(1);
  // Collection is suspended only after a fault.
  gauges.healthy.Set(1);
  return gauges;
}

}  // namespace picket::fetcher
