#pragma once

#include <string>
#include <string_view>

#include "common/metrics.h"

namespace picket::fetcher {

// Defines the fetcher's metrics, so that each metric name occurs in one place only.
// Threads: any thread may call any method. Lifetime: `metrics` must outlive this object.
class FetcherMetrics {
 public:
  explicit FetcherMetrics(Metrics& metrics);

  // `kind` is a name returned by RequestKindName(). `code` is an HTTP status, an AF code or
  // "no_answer".
  void CountRequest(std::string_view kind, const std::string& code);
  void CountGap(std::string_view cause);

  Counter& listed;
  Counter& stored;
  Counter& dead;
  Counter& late;
  Counter& decoded_bytes;
  Counter& wire_bytes;
  Counter& spilled;
  Counter& token_errors;
  Counter& discarded_responses;  // responses that arrived after the partition was revoked
  Counter& foreign_rows;         // ledger rows that are unreadable or in the wrong partition
  Counter& rejected_links;
  Gauge& budget_used;

  // The gauges of one tenant.
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
