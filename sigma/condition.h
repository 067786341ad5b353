#pragma once

// The `condition` of a Sigma rule: identifiers joined by and, or, not, parentheses and `1 of …`.

#include <string>
#include <string_view>
#include <vector>

#include "sigma/sigma_document.h"

namespace picket::sigma {

struct Identifier {
  std::string name;
  ExpressionPtr expression;
  bool is_used = false;  // by a condition that was read
};
using Identifiers = std::vector<Identifier>;

struct ConditionFault {
  size_t offset = 0;  // into the text
  std::string message;
  RuleFault::Severity severity = RuleFault::Severity::kError;
};

// Nullptr when the text is no condition over these identifiers; why, and warnings, are added to `faults`.
ExpressionPtr ParseCondition(std::string_view text, Identifiers& identifiers,
                             std::vector<ConditionFault>& faults);

// Whether an identifier is meant by `1 of x*` and the like: `*` stands for any run, at any place.
bool MatchesPattern(std::string_view pattern, std::string_view name);

}  // namespace picket::sigma
