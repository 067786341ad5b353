#pragma once

#include <memory>

#include "common/metrics.h"
#include "detector/config.h"
#include "detector/rule_set.h"
#include "kafka/config.h"
#include "kafka/stage.h"

namespace picket::detector {

// events → alerts, with the windows of correlations in `state`. An event that is no JSON object, or that names no tenant,
// is a dead letter.
std::unique_ptr<kafka::Stage> MakeDetectorStage(const DetectorConfig& config,
                                                const kafka::TopicsConfig& topics,
                                                std::shared_ptr<const RuleSet> rules,
                                                Metrics& metrics);

}  // namespace picket::detector
