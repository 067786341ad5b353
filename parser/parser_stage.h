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

// What the workers of a process share.
struct ParserShared {
  std::shared_ptr<GeoFiles> geo;             // nullptr: not configured
  std::shared_ptr<const TenantMasks> masks;  // nullptr: no tenant masks fields
  // Limits arrivals in the future (DuplicateWindow::SetNow); nullptr: no limit. Lifetime: must
  // outlive the stages.
  const Clock* clock = nullptr;
  std::shared_ptr<const EventSchemas> schemas;  // nullptr: no event is checked
};

// raw → events. Each record of a blob becomes an event, a dead letter or a counted duplicate; the
// Ids of a transaction are written to `seen`. The arrival of a record is the Kafka timestamp of its
// message; the clock only limits how far the arrival moves the duplicate window. Counters count what
// has been committed, so that
//   picket_parser_records_total =
//       events_total + duplicates_total + dead_letters_total (the sum of all reasons)
// If the duplicate window has to forget Ids before they leave it, the next transaction of their
// partition contains a row for `coverage`.
//
// One in `validate.one_in` OCSF events is checked against the schema of its class. An event that
// fails is still produced: picket_parser_invalid_events_total counts it, and a log line has its
// class, the path and the fault, but no value.
//
// `metrics` must outlive the stage. `tenants` are those whose settings differ from the defaults:
// with `parser.ecs`, each event is also written to `events-ecs`, in the same transaction.
std::unique_ptr<kafka::Stage> MakeParserStage(const ParserConfig& config,
                                              const kafka::TopicsConfig& topics, Metrics& metrics,
                                              const std::vector<TenantSettings>& tenants = {},
                                              ParserShared shared = {});

}  // namespace picket::parser
