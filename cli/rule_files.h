#pragma once

// The rules that a command works with.

#include <string>
#include <vector>

#include "detector/rule_set.h"

namespace picket {

// The rule files below the paths; those of the binary when no path is given.
std::vector<detector::RuleFile> ReadRules(const std::vector<std::string>& paths,
                                          std::vector<detector::RuleFault>& faults);

// One line each, to standard error.
void PrintFaults(const std::vector<detector::RuleFault>& faults);

}  // namespace picket
