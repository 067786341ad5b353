#pragma once

// Reads the rules that a command works with.

#include <string>
#include <vector>

#include "sigma/rule_file.h"

namespace picket {

// Returns the rule files below the paths, or the built-in rules if no path is given.
std::vector<sigma::RuleFile> ReadRules(const std::vector<std::string>& paths,
                                       std::vector<sigma::RuleFault>& faults);

// Prints the errors to standard error, one per line.
void PrintFaults(const std::vector<sigma::RuleFault>& faults);

}  // namespace picket
