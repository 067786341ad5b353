#pragma once

#include <memory>
#include <vector>

#include "common/clock.h"
#include "common/metrics.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"
#include "model/event_schemas.h"
#include "model/tenant_settings.h"
#include "parser/config.h"
#include "parser/masking.h"

namespace picket::parser {

class GeoFiles;

// What the workers of a process have in common.
struct ParserShared {
  std::shared_ptr<GeoFiles> geo;             // nullptr: none is configured
  std::shared_ptr<const TenantMasks> masks;  // nullptr: no tenant masks fields
  // Bounds what a producer may say of the arrival (SeenIds::SetNow); nullptr: it is believed. Lifetime: the stages'.
  const Clock* clock = nullptr;
  std::shared_ptr<const EventSchemas> schemas;  // nullptr: no event is checked
};

// raw → events: each record of a blob becomes an event, a dead letter or a counted duplicate; the Ids of a transaction
// go to `seen`. Arrival is the input's Kafka timestamp; the clock only bounds how
// far it moves the duplicate window. Counters count what is committed, so that
//   picket_parser_records_total = events_total + duplicates_total + sum over reasons of dead_letters_total
// Ids that the duplicate window had to forget before their time become a row on `coverage` in the next transaction of
// their partition.
// Of the OCSF events one in `validate.one_in` is checked against the schema of its class. One that fails goes out like
// any other: picket_parser_invalid_events_total counts it, a log line says class, path and fault, never a value.
// `metrics` must outlive it.
// `tenants`: those whose file says more than the defaults: with `parser.ecs` each event also goes to `events-ecs`, in the
// same transaction.
std::unique_ptr<kafka::Stage> MakeParserStage(const ParserConfig& config,
                                              const kafka::TopicsConfig& topics, Metrics& metrics,
                                              const std::vector<TenantSettings>& tenants = {},
                                              ParserShared shared = {});

}  // namespace picket::parser
