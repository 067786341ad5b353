#pragma once

#include <string>
#include <vector>

#include "model/alert_reader.h"
#include "simulator/scenario.h"

namespace picket {

// How the alerts that were raised compare with what the attacks deserve: the same set, each once, nothing besides.
struct ExpectationResult {
  std::vector<simulator::ExpectedAlert> missing;
  std::vector<AlertSummary> surplus;
  bool ok() const { return missing.empty() && surplus.empty(); }
};

// An alert meets an expectation when rule and tenant are the same, the user is (where one is expected), and what fired it
// is what the story did: for a rule on one event that very record, for a correlation the address or user of its group.
ExpectationResult CompareAlerts(const std::vector<simulator::ExpectedAlert>& expected,
                                const std::vector<AlertSummary>& alerts);

}  // namespace picket
