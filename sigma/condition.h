#pragma once

// Parses the `condition` of a rule: identifiers combined by and, or, not, parentheses and `1 of …`.
// Facts: Sigma specification 2.1.0, "Sigma Rules Specification", section "Condition".

#include <string>
#include <string_view>
#include <vector>

#include "sigma/expression.h"
#include "sigma/rule_file.h"

namespace picket::sigma {

struct Identifier {
  std::string name;
  ExpressionPtr expression;
  bool is_used = false;  // set if a parsed condition refers to it
};
using Identifiers = std::vector<Identifier>;

struct ConditionFault {
  size_t offset = 0;  // in the condition, in bytes
  std::string message;
  RuleFault::Severity severity = RuleFault::Severity::kError;
};

// Returns null if `text` is not a valid condition over these identifiers. Adds errors and warnings
// to `faults`.
ExpressionPtr ParseCondition(std::string_view text, Identifiers& identifiers,
                             std::vector<ConditionFault>& faults);

// Whether a pattern such as `x*` selects the identifier `name`. `*` matches any sequence and can be
// anywhere.
bool MatchesPattern(std::string_view pattern, std::string_view name);

}  // namespace picket::sigma
