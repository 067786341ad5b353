#pragma once

// `picket rules check` finds every error in rules and in tenants' settings for rules.

#include <string>
#include <vector>

namespace picket {

struct CheckOptions {
  std::vector<std::string> paths;  // paths of rules; if empty, the built-in rules
  std::string tenants;             // folder of tenants' files, or one file; may be empty
  std::string defaults;            // file of settings for every tenant; may be empty
  bool is_strict = false;          // whether a warning makes the check fail
};

// Prints errors, warnings and a summary to standard error. Returns the exit status.
int CheckRules(const CheckOptions& options);

}  // namespace picket
