#pragma once

#include <string>
#include <vector>

#include "model/alert_reader.h"
#include "simulator/scenario.h"

namespace picket {

// The difference between the alerts that were raised and the alerts that the simulated attacks must
// raise.
struct ExpectationResult {
  std::vector<simulator::ExpectedAlert> missing;
  std::vector<AlertSummary> surplus;  // unexpected alerts, and copies of expected alerts
  bool ok() const { return missing.empty() && surplus.empty(); }
};

// Compares the alerts with the expectations. An alert meets an expectation if it has the same rule,
// the same tenant and, if a user is expected, the same user. The alert must also come from the
// attack itself. If the alert's rule matches single events, the alert must name the attack's
// record. If the rule is a correlation, the alert's group must contain the attack's address or
// user.
ExpectationResult CompareAlerts(const std::vector<simulator::ExpectedAlert>& expected,
                                const std::vector<AlertSummary>& alerts);

}  // namespace picket
