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

// Compares the alerts with the expected alerts. An alert is the expected one if it has the same
// rule and the same tenant, and if it was raised by the attack itself:
// - If the rule matches single events, the alert must contain the uid of an event of the attack. If
//   the expected alert has a user, the user must be the same.
// - If the rule is a correlation, the alert's group is the list of values by which the correlation
//   groups its events. If the expected alert has a user, the group must contain the user. If the
//   expected alert has an address, the group must contain the address.
ExpectationResult CompareAlerts(const std::vector<simulator::ExpectedAlert>& expected,
                                const std::vector<AlertSummary>& alerts);

}  // namespace picket
