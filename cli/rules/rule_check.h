#pragma once

// `picket rules check`: everything that is wrong with rules, and with tenants' settings for them.

#include <string>
#include <vector>

namespace picket {

struct CheckOptions {
  std::vector<std::string> paths;  // of rules; empty: the built-in rules
  std::string tenants;             // folder of tenants' files, or one file; empty: none
  std::string defaults;            // settings for every tenant; empty: none
  bool is_strict = false;          // warnings fail too
};

// Prints faults, warnings and a summary to standard error. Returns the exit status.
int CheckRules(const CheckOptions& options);

}  // namespace picket
