#pragma once

#include <memory>

#include "common/metrics.h"
#include "detector/config.h"
#include "detector/rule_handover.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"

namespace picket::detector {

// The stage from `events` to `alerts`; the windows of correlations are kept in `state`. An event
// that is not a JSON object or names no tenant becomes a dead letter. Between transactions, the
// stage switches to new rules from `rules`, so every event is evaluated on exactly one rule set.
// `rules` must contain rules and outlive the stage.
std::unique_ptr<kafka::Stage> MakeDetectorStage(const DetectorConfig& config,
                                                const kafka::TopicsConfig& topics,
                                                const RuleHandover& rules, Metrics& metrics);

}  // namespace picket::detector
