#include "fetcher/fetcher_metrics.h"

namespace picket::fetcher {
namespace {

Counter& Blobs(Metrics& metrics, const char* state) {
  return metrics.GetCounter("picket_fetcher_blobs_total",
                            "Pieces of content by what became of them", {{"state", state}});
}

Counter& Bytes(Metrics& metrics, const char* form) {
  return metrics.GetCounter("picket_fetcher_received_bytes_total",
                            "Bytes of content received, before and after decompression",
                            {{"form", form}});
}

}  // namespace

FetcherMetrics::FetcherMetrics(Metrics& metrics)
    : listed(Blobs(metrics, "listed")),
      stored(Blobs(metrics, "stored")),
      dead(Blobs(metrics, "dead")),
      late(metrics.GetCounter("picket_fetcher_late_blobs_total",
                              "Content found where listing had been before")),
      decoded_bytes(Bytes(metrics, "decoded")),
      wire_bytes(Bytes(metrics, "wire")),
      spilled(metrics.GetCounter("picket_fetcher_spilled_blobs_total",
                                 "Content that went through a file because of its size")),
      token_errors(metrics.GetCounter("picket_fetcher_token_errors_total",
                                      "Requests for a token that failed")),
      dropped_results(metrics.GetCounter(
          "picket_fetcher_dropped_results_total",
          "Answers dropped unread because their partition had been handed over meanwhile")),
      foreign_rows(metrics.GetCounter("picket_fetcher_foreign_ledger_rows_total",
                                      "Ledger rows ignored: unreadable, or in another tenant's "
                                      "partition")),
      refused_links(metrics.GetCounter("picket_fetcher_refused_links_total",
                                       "Page links that led away from the tenant's listing")),
      budget_used(
          metrics.GetGauge("picket_fetcher_budget_used_bytes",
                           "Memory taken for content between its retrieval and the commit")),
      metrics_(metrics) {}

void FetcherMetrics::CountRequest(std::string_view kind, const std::string& code) {
  metrics_
      .GetCounter("picket_fetcher_requests_total", "Requests by kind and outcome",
                  {{"kind", std::string(kind)}, {"code", code}})
      .Increment();
}

void FetcherMetrics::CountGap(std::string_view kind) {
  metrics_
      .GetCounter("picket_fetcher_gaps_total", "Parts of a tenant's log that are lost, by cause",
                  {{"cause", std::string(kind)}})
      .Increment();
}

FetcherMetrics::Tenant FetcherMetrics::OfTenant(const std::string& tenant) {
  const MetricLabels labels = {{"tenant", tenant}};
  return {
      metrics_.GetGauge("picket_fetcher_tenant_healthy",
                        "1 while the tenant's log is being collected", labels),
      metrics_.GetGauge("picket_fetcher_requests_per_minute",
                        "Rate that the tenant's quota was found to allow", labels),
      metrics_.GetGauge("picket_fetcher_listing_lag_seconds",
                        "Age of the oldest watermark of the tenant", labels),
      metrics_.GetGauge("picket_fetcher_oldest_unfetched_seconds",
                        "Age of the oldest content listed and not stored", labels),
      metrics_.GetGauge("picket_fetcher_unfetched_blobs", "Content listed and not stored", labels)};
}

}  // namespace picket::fetcher
