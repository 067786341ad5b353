#pragma once

// Parses the `condition` of a rule, which combines identifiers by means of `and`, `or`, `not`,
// parentheses and `1 of …`.
// Source: Sigma specification 2.1.0, "Sigma Rules Specification", section "Condition".

#include <cstdint>
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
  std::string identifier;  // if the condition names an unknown identifier
};

// Parses the condition `text`, which may refer to `identifiers`. Returns null if the condition is
// not valid. Adds errors and warnings to `faults`.
ExpressionPtr ParseCondition(std::string_view text, Identifiers& identifiers,
                             std::vector<ConditionFault>& faults);

// Returns true if a pattern such as `x*` matches the whole of `name`. A `*` matches any sequence of
// characters and may appear anywhere in the pattern.
bool MatchesPattern(std::string_view pattern, std::string_view name);

// What the logic of a condition alone says about it, whatever its search items mean.
enum class Logic : uint8_t {
  kDepends,
  kNever,   // the condition contradicts itself, as in "a and not a"
  kAlways,  // as in "a or not a"
};

// Analyses a condition. Equal search items have the same value; nothing else is known about them.
// Returns kDepends for a condition with more than a few different search items, because the
// analysis tries all combinations of their values.
Logic LogicOf(const Expression& expression);

}  // namespace picket::sigma
