#pragma once

// Applies Sigma filters, whose conditions narrow the rules of other documents.

#include <vector>

#include "sigma/rule_file.h"
#include "sigma/rule_names.h"
#include "sigma/sigma_document.h"

namespace picket::sigma {

// Returns whether a filter with the log source `filter` applies to a rule with the log source
// `rule`. A key that the filter omits covers every value.
bool CoversLogSource(const LogSource& filter, const LogSource& rule);

// Adds the condition of the filter to each rule that the filter names and whose log source it
// covers. The versions of these rules change. If the filter names a rule that does not exist, the
// filter is not applied and an error is added to `faults`.
void ApplyFilter(const SigmaDocument& filter, const RuleNames& names,
                 std::vector<SigmaDocument>& rules, std::vector<RuleFault>& faults);

}  // namespace picket::sigma
