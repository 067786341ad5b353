#pragma once

#include <memory>
#include <vector>

#include "common/clock.h"
#include "common/handover.h"
#include "common/metrics.h"
#include "fetcher/config.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"
#include "m365/http_transport.h"
#include "m365/tenant_config.h"

namespace picket::fetcher {

using Tenants = std::shared_ptr<const std::vector<m365::TenantConfig>>;
// Passes the tenants that are to be collected to the stages.
using TenantHandover = Handover<std::vector<m365::TenantConfig>>;

// Makes the stage that collects the logs of the tenants whose partitions a worker owns. The stage
// reads from the Management Activity API, writes to `raw` and keeps its state on `ledger`. Content
// is written in the same transaction as its ledger rows and coverage rows.
// Make one stage per worker. All stages may share the transport. `clock` and `metrics` must outlive
// the stage.
//
// Between two transactions, the stage looks for changes in `tenants`. A new tenant is collected
// from then on. A tenant that is no longer in the list is not collected any more, and its rows on
// `ledger` stay. If any setting or the secret of a tenant has changed, its collection starts over
// from the ledger with a new token. Other tenants are not affected.
std::unique_ptr<kafka::Stage> MakeFetcherStage(const FetcherConfig& config,
                                               std::shared_ptr<const TenantHandover> tenants,
                                               const kafka::TopicsConfig& topics,
                                               std::shared_ptr<m365::HttpTransport> transport,
                                               Clock& clock, Metrics& metrics);

// Makes the stage with tenants that do not change.
std::unique_ptr<kafka::Stage> MakeFetcherStage(const FetcherConfig& config, Tenants tenants,
                                               const kafka::TopicsConfig& topics,
                                               std::shared_ptr<m365::HttpTransport> transport,
                                               Clock& clock, Metrics& metrics);

// Makes the transport that the command `fetch` uses.
std::shared_ptr<m365::HttpTransport> MakeTransport(const FetcherConfig& config);

}  // namespace picket::fetcher
