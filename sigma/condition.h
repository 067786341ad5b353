#pragma once

// Parses the `condition` of a rule, which combines identifiers by means of `and`, `or`, `not`,
// parentheses and `1 of …`.
// Source: Sigma specification 2.1.0, "Sigma Rules Specification", section "Condition".

#include <string>
#include <string_view>
#include <vector>

#include "sigma/expression.h"
#include "sigma/rule_file.h"

namespace picket::sigma {

struct Identifier {
  std::string name;
  ExpressionPtr expression;
  bool is_used = false;  // true if a parsed condition refers to the identifier
};
using Identifiers = std::vector<Identifier>;

struct ConditionFault {
  size_t offset = 0;  // byte offset in the condition
  std::string message;
  RuleFault::Severity severity = RuleFault::Severity::kError;
};

// Parses the condition `text`, which may refer to `identifiers`. Returns null if the condition is
// not valid. Adds errors and warnings to `faults`.
ExpressionPtr ParseCondition(std::string_view text, Identifiers& identifiers,
                             std::vector<ConditionFault>& faults);

// Returns true if a pattern such as `x*` matches the whole of `name`. A `*` matches any sequence of
// characters and may appear anywhere in the pattern.
bool MatchesPattern(std::string_view pattern, std::string_view name);

}  // namespace picket::sigma
