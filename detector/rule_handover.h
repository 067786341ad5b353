#pragma once

#include "common/handover.h"
#include "detector/active_rules.h"

namespace picket::detector {

// Passes the rules that are in force to the workers.
using RuleHandover = Handover<ActiveRules>;

}  // namespace picket::detector
