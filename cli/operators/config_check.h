#pragma once

// `picket config check`: everything that can be found wrong in a configuration without a cluster.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/picket_config.h"

namespace picket {

struct ConfigReport {
  // Faults of picket.yaml, of the files that it names and of the tenants' files. A service refuses
  // to start with most of them.
  std::vector<std::string> config_faults;
  // Faults of rules, and of tenants' settings that do not fit the rules.
  std::vector<std::string> rule_faults;
  // Remarks that are not faults: rules that are off for lack of a list, and omitted checks.
  std::vector<std::string> notes;
  size_t tenants = 0;  // those whose file has no fault
  size_t rules = 0;    // those that load, without correlations
  int64_t partitions = 0;

  // Returns kExitWrongUsage if the configuration has faults, or else kExitFaultInData if the rules
  // have faults.
  int ExitStatus() const;
  // "3 tenants, 79 rules, 24 partitions; 1 fault".
  std::string Summary() const;
};

// Checks a configuration that LoadPicketConfig has accepted. Reads the tenants' files and their
// secrets, the rules, the files of the parser, and makes a Kafka client with the configured
// properties; does not check the cluster.
ConfigReport CheckConfig(const PicketConfig& config);

}  // namespace picket
