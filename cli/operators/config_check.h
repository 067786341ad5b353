#pragma once

// `picket config check`: everything that can be found wrong in a configuration without a cluster.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/picket_config.h"

namespace picket {

struct ConfigReport {
  // Of picket.yaml, of the files that it names and of the tenants' files: what a service refuses.
  std::vector<std::string> config_faults;
  // Of rules, and of tenants' settings that do not fit the rules.
  std::vector<std::string> rule_faults;
  // Not wrong, but worth knowing: rules that are off for lack of a list, checks that were left out.
  std::vector<std::string> notes;
  size_t tenants = 0;  // those whose file has no fault
  size_t rules = 0;    // those that load, without correlations
  int64_t partitions = 0;

  // kExitWrongUsage for a fault of the configuration, kExitFaultInData for one of the rules.
  int ExitStatus() const;
  // "3 tenants, 79 rules, 24 partitions; 1 fault".
  std::string Summary() const;
};

// Checks a configuration that LoadPicketConfig has accepted. Reads the tenants' files and their
// secrets, the rules, the files of the parser, and makes a Kafka client with the configured
// properties; does not check the cluster.
ConfigReport CheckConfig(const PicketConfig& config);

}  // namespace picket
