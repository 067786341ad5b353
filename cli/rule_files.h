#pragma once

// The rules that a command works with.

#include <string>
#include <string_view>
#include <vector>

#include "detector/rule_set.h"

namespace picket {

// The rule files below the paths; those of the binary when no path is given.
std::vector<detector::RuleFile> ReadRules(const std::vector<std::string>& paths,
                                          std::vector<detector::RuleFault>& faults);

// One line each, to standard error.
void PrintFaults(const std::vector<detector::RuleFault>& faults);

// "high".
std::string_view LevelName(detector::Level level);

}  // namespace picket
