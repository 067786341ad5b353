#pragma once

// `picket config check` reports the errors in a configuration. It does not contact the cluster, so
// it cannot find errors that only the cluster can report.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/picket_config.h"

namespace picket {

struct ConfigReport {
  // Errors in picket.yaml, in the files that picket.yaml names, and in the tenants' files. Most of
  // these errors prevent a service from starting.
  std::vector<std::string> config_faults;
  // Errors in rules, and errors in tenants' settings for the rules.
  std::vector<std::string> rule_faults;
  // Remarks that are not errors. A remark names a check that was omitted, or a rule that is off for
  // some tenants. A rule is off for a tenant that has not set a list that the rule needs.
  std::vector<std::string> notes;
  size_t tenants = 0;  // tenants whose file has no error
  size_t rules = 0;    // rules without errors, not counting correlations
  int64_t partitions = 0;

  // Returns kExitWrongUsage if the configuration has errors. Otherwise returns kExitFaultInData if
  // the rules have errors.
  int ExitStatus() const;
  // Returns a summary: "3 tenants, 79 rules, 24 partitions; 1 fault".
  std::string Summary() const;
};

// Checks a configuration that LoadPicketConfig has accepted. Reads the tenants' files and secrets,
// the rules and the parser's files, and creates a Kafka client with the configured properties. Does
// not check the cluster.
ConfigReport CheckConfig(const PicketConfig& config);

}  // namespace picket
