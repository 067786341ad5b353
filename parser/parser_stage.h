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

// The tenants whose settings differ from the defaults, in the form that the stage uses.
struct ParserTenants {
  StringSet ecs;                             // tenants whose events are also written as ECS
  std::shared_ptr<const TenantMasks> masks;  // nullptr if no tenant masks fields
};
// Passes changed settings of tenants to the stages.
using ParserTenantHandover = Handover<ParserTenants>;

// Returns the settings in the form that the stage uses. Fails like MakeTenantMasks.
absl::StatusOr<std::shared_ptr<const ParserTenants>> MakeParserTenants(
    const std::vector<TenantSettings>& tenants, const std::string& mask_key_file);

// Objects that the workers of a process share.
struct ParserShared {
  std::shared_ptr<GeoFiles> geo;  // nullptr if not configured
  // The settings of the tenants, which the stage looks at between two transactions. If nullptr, the
  // stage uses the list of MakeParserStage and masks no field.
  std::shared_ptr<const ParserTenantHandover> tenants;
  // Limits arrivals in the future (DuplicateWindow::SetNow). If nullptr, arrivals are not limited.
  // The clock must outlive the stages.
  const Clock* clock = nullptr;
  std::shared_ptr<const EventSchemas> schemas;  // nullptr if no event is checked
};

// Creates the stage that turns messages of `raw` into events. Each record of a blob becomes an
// event, a dead letter or a counted duplicate. The Ids of each transaction's records are written to
// the topic `seen`. A record's arrival is the Kafka timestamp of its message; the clock only limits
// how far that timestamp moves the duplicate window. Only committed results are counted. The unit
// of the counts (kafka/worker/stage_counts.h) is a record; a message that is not normalised counts
// as one record. If the duplicate window has to forget Ids before they leave the window, the next
// transaction of their partition contains a row for the topic `coverage`.
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
