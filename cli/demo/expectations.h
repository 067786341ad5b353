#pragma once

#include <string>
#include <vector>

#include "model/alert_reader.h"
#include "simulator/scenario.h"

namespace picket {

// The difference between the alerts that were raised and those that the simulated attacks must
// raise.
struct ExpectationResult {
  std::vector<simulator::ExpectedAlert> missing;
  std::vector<AlertSummary> surplus;  // unexpected alerts, and copies of expected ones
  bool ok() const { return missing.empty() && surplus.empty(); }
};

// An alert meets an expectation if it has the same rule, the same tenant and the same user (if one
// is expected), and if it comes from the attack itself: the alert of a rule on one event must name
// the attack's record, and the alert of a correlation must have the attack's address or user in its
// group.
ExpectationResult CompareAlerts(const std::vector<simulator::ExpectedAlert>& expected,
                                const std::vector<AlertSummary>& alerts);

}  // namespace picket
