#pragma once

#include <memory>

#include "common/metrics.h"
#include "detector/config.h"
#include "detector/rule_handover.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"

namespace picket::detector {

// Returns the stage that reads `events` and writes `alerts`. The windows of correlations are stored
// in the topic `state`. An event that is not a JSON object or does not name a tenant becomes a dead
// letter. The stage switches to new rules from `rules` only between transactions. `rules` must
// already contain the first rules, and must outlive the stage.
std::unique_ptr<kafka::Stage> MakeDetectorStage(const DetectorConfig& config,
                                                const kafka::TopicsConfig& topics,
                                                const RuleHandover& rules, Metrics& metrics);

}  // namespace picket::detector
