#pragma once

// Placeholders: `User|expand: '%admins%'` stands for the values of the list `admins`, which every
// tenant can define. Facts: Sigma specification 2.1.0, "Sigma Modifiers Appendix", modifier
// `expand`.

#include <string>
#include <vector>

#include "sigma/expression.h"
#include "sigma/rule_file.h"
#include "sigma/sigma_document.h"

namespace picket::sigma {

// The lists that a document names, sorted, without the percent signs.
std::vector<std::string> PlaceholdersOf(const SigmaDocument& document);

// Replaces every kPlaceholder expression of the document by one with the values of its lists.
// Returns false if a list is missing or empty, or one of its values is invalid where it is used;
// adds a fault for each and leaves the document unchanged.
bool ResolvePlaceholders(const ValueLists& lists, SigmaDocument& document,
                         std::vector<RuleFault>& faults);

// A prefilter for rules with placeholders that all tenants share: an expression without
// placeholders that holds for every event for which `expression` can hold, whatever the values of
// its lists. A placeholder counts as true, or as false inside a negation, because both widen the
// rule.
ExpressionPtr WithoutPlaceholders(const ExpressionPtr& expression);

}  // namespace picket::sigma
