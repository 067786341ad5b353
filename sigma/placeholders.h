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

// Replaces every kPlaceholder expression of the document with an expression that has the values of
// the lists. If a list is missing or empty, or if one of its values is invalid where the list is
// used, adds an error to `faults`, leaves the document unchanged and returns false.
bool ResolvePlaceholders(const ValueLists& lists, SigmaDocument& document,
                         std::vector<RuleFault>& faults);

// Returns an expression without placeholders that holds for every event for which `expression` can
// hold, whatever values the lists have. All tenants share this expression as a prefilter. A
// placeholder counts as true, or as false inside a negation, because both widen the rule.
ExpressionPtr WithoutPlaceholders(const ExpressionPtr& expression);

}  // namespace picket::sigma
