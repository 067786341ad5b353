#pragma once

#include <string>

#include "fetcher/config.h"
#include "fetcher/fetcher_metrics.h"
#include "fetcher/ledger.h"
#include "fetcher/moment.h"
#include "fetcher/server_clock.h"
#include "m365/requests.h"

namespace picket::fetcher {

// The data that all parts of a tenant's session share.
// Threads: an instance is used by one thread only. Lifetime: each session has one context. All
// referenced objects must outlive the context.
struct TenantContext {
  std::string tenant_id;
  m365::ApiAddress api;
  const FetcherConfig& config;
  const Ledger& ledger;
  FetcherMetrics& metrics;
  ServerClock server_clock;

  absl::Time ServerNow(const Moment& now) const { return server_clock.Now(now); }
};

}  // namespace picket::fetcher
