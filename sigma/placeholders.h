#pragma once

// Replaces placeholders with the values of lists. `User|expand: '%admins%'` stands for the values
// of the list `admins`, which every tenant can define.
// Source: Sigma specification 2.1.0, "Sigma Modifiers Appendix", modifier `expand`.

#include <string>
#include <vector>

#include "sigma/expression.h"
#include "sigma/rule_file.h"
#include "sigma/sigma_document.h"

namespace picket::sigma {

// Returns the names of the lists that a document refers to, sorted and without percent signs.
std::vector<std::string> PlaceholdersOf(const SigmaDocument& document);

// Replaces every kPlaceholder expression of the document with an expression that contains the
// values of the lists. If a list is missing or empty, or if a value of a list is invalid in an
// item, adds an error to `faults`, leaves the document unchanged and returns false.
bool ResolvePlaceholders(const ValueLists& lists, SigmaDocument& document,
                         std::vector<RuleFault>& faults);

// Returns an expression without placeholders. If an event can match `expression` with any contents
// of the lists, it also matches the result. All tenants share the result as a prefilter. A
// placeholder becomes true, or false if it is inside a negation. In each case, more events match
// the rule.
ExpressionPtr WithoutPlaceholders(const ExpressionPtr& expression);

}  // namespace picket::sigma
