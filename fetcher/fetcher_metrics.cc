#include "fetcher/fetcher_metrics.h"

namespace picket::fetcher {
namespace {

Counter& Blobs(Metrics& metrics, const char* state) {
  return metrics.GetCounter("picket_fetcher_blobs_total", "Content blobs listed, stored and lost",
                            {{"state", state}});
}

Counter& Bytes(Metrics& metrics, const char* form) {
  return metrics.GetCounter(
      "picket_fetcher_received_bytes_total",
      "Bytes of content received, before (wire) and after (decoded) decompression",
      {{"form", form}});
}

}  // namespace

FetcherMetrics::FetcherMetrics(Metrics& metrics)
    : listed(Blobs(metrics, "listed")),
      stored(Blobs(metrics, "stored")),
      dead(Blobs(metrics, "dead")),
      late(metrics.GetCounter("picket_fetcher_late_blobs_total",
                              "Content blobs that appeared in a time window already listed")),
      decoded_bytes(Bytes(metrics, "decoded")),
      wire_bytes(Bytes(metrics, "wire")),
      spilled(metrics.GetCounter("picket_fetcher_spilled_blobs_total",
                                 "Content blobs written to disk because of their size")),
      token_errors(
          metrics.GetCounter("picket_fetcher_token_errors_total", "Failed token requests")),
      discarded_responses(metrics.GetCounter(
          "picket_fetcher_dropped_results_total",
          "Responses discarded because their partition was revoked in the meantime")),
      foreign_rows(metrics.GetCounter("picket_fetcher_foreign_ledger_rows_total",
                                      "Ledger rows ignored because they are unreadable or in the "
                                      "wrong partition")),
      rejected_links(metrics.GetCounter(
          "picket_fetcher_refused_links_total",
          "Page links rejected because they lead away from the tenant's listing")),
      budget_used(metrics.GetGauge("picket_fetcher_budget_used_bytes",
                                   "Memory used by content between retrieval and commit")),
      metrics_(metrics) {}

void FetcherMetrics::CountRequest(std::string_view kind, const std::string& code) {
  metrics_
      .GetCounter("picket_fetcher_requests_total", "Requests by kind and outcome",
                  {{"kind", std::string(kind)}, {"code", code}})
      .Increment();
}

void FetcherMetrics::CountGap(std::string_view cause) {
  metrics_
      .GetCounter("picket_fetcher_gaps_total",
                  "Parts of a tenant's log that could not be collected, by cause",
                  {{"cause", std::string(cause)}})
      .Increment();
}

FetcherMetrics::Tenant FetcherMetrics::OfTenant(const std::string& tenant) {
  const MetricLabels labels = {{"tenant", tenant}};
  return {metrics_.GetGauge(
              "picket_fetcher_tenant_healthy",
              "1 while the tenant's log is collected, 0 while collection is suspended", labels),
          metrics_.GetGauge("picket_fetcher_requests_per_minute",
                            "Request rate that the tenant's quota appears to allow", labels),
          metrics_.GetGauge("picket_fetcher_listing_lag_seconds",
                            "Age of the oldest watermark of the tenant", labels),
          metrics_.GetGauge("picket_fetcher_oldest_unfetched_seconds",
                            "Age of the oldest content blob that is listed but not stored", labels),
          metrics_.GetGauge("picket_fetcher_unfetched_blobs", "Content blobs listed but not stored",
                            labels)};
}

}  // namespace picket::fetcher
