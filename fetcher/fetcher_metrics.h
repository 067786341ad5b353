#pragma once

#include <string>
#include <string_view>

#include "common/metrics.h"

namespace picket::fetcher {

// The fetcher's metrics by name, so that each is spelt once.
// Threads: any. Lifetime: `metrics` must outlive it.
class FetcherMetrics {
 public:
  explicit FetcherMetrics(Metrics& metrics);

  // `kind` "retrieve", `code` an HTTP status, an AF code or "no_answer".
  void CountRequest(std::string_view kind, const std::string& code);
  void CountGap(std::string_view kind);

  Counter& listed;
  Counter& stored;
  Counter& dead;
  Counter& late;
  Counter& decoded_bytes;
  Counter& wire_bytes;
  Counter& spilled;
  Counter& token_errors;
  Counter& dropped_results;  // answers to requests of an assignment that is over
  Counter& foreign_rows;     // ledger rows that cannot be ours
  Counter& refused_links;
  Gauge& budget_used;

  // Of one tenant.
  struct Tenant {
    Gauge& healthy;
    Gauge& requests_per_minute;
    Gauge& listing_lag_seconds;
    Gauge& oldest_unfetched_seconds;
    Gauge& unfetched;
  };
  Tenant OfTenant(const std::string& tenant);

 private:
  Metrics& metrics_;
};

}  // namespace picket::fetcher
