#pragma once

// Sigma filters: conditions that narrow the rules of other documents.

#include <vector>

#include "sigma/rule_file.h"
#include "sigma/rule_names.h"
#include "sigma/sigma_document.h"

namespace picket::sigma {

// Returns whether a filter with log source `filter` applies to a rule with log source `rule`. A key
// that the filter leaves out covers every value.
bool CoversLogSource(const LogSource& filter, const LogSource& rule);

// Adds the filter's condition to the rules that it names and whose log source it covers; their
// versions change with it. If the filter names a rule that does not exist, it is not applied and
// the fault is added to `faults`.
void ApplyFilter(const SigmaDocument& filter, const RuleNames& names,
                 std::vector<SigmaDocument>& rules, std::vector<RuleFault>& faults);

}  // namespace picket::sigma
