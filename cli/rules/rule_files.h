#pragma once

// The rules that a command works with.

#include <string>
#include <vector>

#include "detector/matching/rule_set.h"

namespace picket {

// The rule files below the paths; those of the binary when no path is given.
std::vector<sigma::RuleFile> ReadRules(const std::vector<std::string>& paths,
                                       std::vector<sigma::RuleFault>& faults);

// One line each, to standard error.
void PrintFaults(const std::vector<sigma::RuleFault>& faults);

}  // namespace picket
