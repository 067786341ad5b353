#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/handover.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"
#include "model/event_schemas.h"
#include "model/tenant_settings.h"
#include "parser/config.h"
#include "parser/masking.h"

namespace picket::parser {

class GeoFiles;

// The parser settings of all tenants, prepared for lookups by tenant.
struct ParserTenants {
  StringSet ecs;                             // tenants whose events are also written as ECS
  std::shared_ptr<const TenantMasks> masks;  // nullptr if no tenant masks fields
};
// Passes changed settings of tenants to the stages.
using ParserTenantHandover = Handover<ParserTenants>;

// Prepares the settings of the tenants. Fails like MakeTenantMasks.
absl::StatusOr<std::shared_ptr<const ParserTenants>> MakeParserTenants(
    const std::vector<TenantSettings>& tenants, const std::string& mask_key_file);

// Objects that the workers of a process share.
struct ParserShared {
  std::shared_ptr<GeoFiles> geo;  // nullptr if not configured
  // The current settings of the tenants. The stage checks between two transactions whether they
  // have changed. If nullptr, the stage uses the parameter `tenants` of MakeParserStage and masks
  // no field.
  std::shared_ptr<const ParserTenantHandover> tenants;
  // Limits how far an arrival time in the future moves the duplicate window
  // (DuplicateWindow::SetNow). If nullptr, there is no limit. The clock must outlive the stages.
  const Clock* clock = nullptr;
  std::shared_ptr<const EventSchemas> schemas;  // nullptr if no event is checked
};

// Creates the stage that turns messages of `raw` into events. Each record of a blob becomes an
// event, a dead letter or a counted duplicate. The Ids of the records are written to the topic
// `seen` in the same transaction. The arrival time of a record is the Kafka timestamp of its
// message. Records are counted (kafka/worker/stage_counts.h) when their transaction is committed. A
// message that is not normalised counts as one record. The duplicate window may have to forget Ids
// early, for lack of space. The next transaction of the partition then contains a row for the topic
// `coverage`.
//
// On average, one in `validate.one_in` OCSF events is checked against the schema of its class. An
// event that violates the schema is still produced. picket_parser_invalid_events_total counts such
// events, and a log line contains the class, the path and the violation, but no value.
//
// `metrics` must outlive the stage. `tenants` contains the tenants whose settings differ from the
// defaults. If a tenant sets `parser.ecs`, each of its events is also written to `events-ecs` in
// the same transaction.
std::unique_ptr<kafka::Stage> MakeParserStage(const ParserConfig& config,
                                              const kafka::TopicsConfig& topics, Metrics& metrics,
                                              const std::vector<TenantSettings>& tenants = {},
                                              ParserShared shared = {});

}  // namespace picket::parser
