#pragma once

// Applies Sigma filters. A filter adds a condition to the rules of other documents.

#include <vector>

#include "sigma/rule_file.h"
#include "sigma/rule_names.h"
#include "sigma/sigma_document.h"

namespace picket::sigma {

// Returns true if the log source of a filter covers the log source of a rule. A key that the filter
// omits covers every value.
bool CoversLogSource(const LogSource& filter, const LogSource& rule);

// Adds the condition of a filter to the rules that the filter names, or to all rules if it names
// none. Skips rules whose log source the filter does not cover. A changed rule gets another
// version. If the filter names an unknown rule, adds an error to `faults` and changes no rule.
void ApplyFilter(const SigmaDocument& filter, const RuleNames& names,
                 std::vector<SigmaDocument>& rules, std::vector<RuleFault>& faults);

}  // namespace picket::sigma
