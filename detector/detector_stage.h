#pragma once

#include <memory>

#include "common/metrics.h"
#include "detector/active_rules.h"
#include "detector/config.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"

namespace picket::detector {

// events → alerts, with the windows of correlations in `state`. An event that is no JSON object, or that names no tenant,
// is a dead letter. Takes other rules from `rules`, which holds some and outlives it, between two transactions: no event
// meets two sets, and none is left out.
std::unique_ptr<kafka::Stage> MakeDetectorStage(const DetectorConfig& config,
                                                const kafka::TopicsConfig& topics,
                                                const RulesInForce& rules, Metrics& metrics);

}  // namespace picket::detector
