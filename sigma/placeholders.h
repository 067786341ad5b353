#pragma once

// Replaces placeholders with the values of lists. For example, `User|expand: '%admins%'` refers to
// the values of the list `admins`. Every tenant can define this list.
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

// Returns an expression without placeholders. All tenants share the result as a prefilter. An event
// that matches `expression` for some contents of the lists also matches the result. To ensure this,
// a placeholder is replaced by true, or by false inside a negation.
ExpressionPtr WithoutPlaceholders(const ExpressionPtr& expression);

}  // namespace picket::sigma
