#pragma once

#include <memory>
#include <vector>

#include "common/clock.h"
#include "common/metrics.h"
#include "fetcher/config.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"
#include "m365/http_transport.h"
#include "m365/tenant_config.h"

namespace picket::fetcher {

using Tenants = std::shared_ptr<const std::vector<m365::TenantConfig>>;

// The stage that collects the logs of the tenants whose partitions a worker has: Management Activity API → `raw`, with
// its state on `ledger`. Content, the rows about it and what it tells of coverage go out in one transaction.
// Make one a worker; the transport may serve them all. Everything handed in must outlive the stage.
std::unique_ptr<kafka::Stage> MakeFetcherStage(const FetcherConfig& config, Tenants tenants,
                                               const kafka::TopicsConfig& topics,
                                               std::shared_ptr<m365::HttpTransport> transport,
                                               Clock& clock, Metrics& metrics);

// The transport that `fetch` uses.
std::shared_ptr<m365::HttpTransport> MakeTransport(const FetcherConfig& config);

}  // namespace picket::fetcher
