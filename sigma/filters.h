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

// Adds the condition of a filter to rules. The filter applies to the rules that it names, or to all
// rules if it names no rules. Rules whose log source the filter does not cover remain unchanged.
// The versions of the changed rules change, too. If the filter names a rule that does not exist,
// adds an error to `faults` and changes no rule.
void ApplyFilter(const SigmaDocument& filter, const RuleNames& names,
                 std::vector<SigmaDocument>& rules, std::vector<RuleFault>& faults);

}  // namespace picket::sigma
