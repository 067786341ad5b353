#pragma once

#include <string>
#include <string_view>

#include "common/metrics.h"

namespace picket::fetcher {

// The fetcher's metrics of requests, responses and tenants. They count what happened, whatever
// becomes of the transaction. What a transaction contains is counted by the stage when the
// transaction is committed (kafka/worker/stage_counts.h).
// Threads: one thread uses an instance. Lifetime: `metrics` must outlive this object and the gauges
// of its tenants.
class FetcherMetrics {
 public:
  explicit FetcherMetrics(Metrics& metrics);

  // `kind` is a name returned by RequestKindName(). `code` is an HTTP status, a documented code of
  // the API, or "no_answer".
  void CountRequest(std::string_view kind, std::string_view code);

  Counter& decoded_bytes;
  Counter& wire_bytes;
  Counter& spilled;
  Counter& token_errors;
  Counter& discarded_responses;  // responses that arrived after the partition was revoked
  Counter& rejected_links;
  GaugeShare budget_used;

  // The gauges of one tenant. They disappear with the object, since from then on another process
  // may export them.
  struct Tenant {
    OwnedGauge info;
    OwnedGauge healthy;
    OwnedGauge requests_per_minute;
    OwnedGauge listing_lag_seconds;
    OwnedGauge oldest_unfetched_seconds;
    OwnedGauge unfetched;
  };
  Tenant OfTenant(const std::string& tenant, const std::string& name);

 private:
  Metrics& metrics_;
};

}  // namespace picket::fetcher
