#pragma once

// Rules with placeholders, as all tenants share them: what of them holds whatever the lists are.

#include "sigma/sigma_document.h"

namespace picket::sigma {

// An expression without placeholders that holds for every event for which `expression` would, with any values of its
// lists. What a placeholder decides alone is taken for true where that widens the rule, for false where it is negated.
ExpressionPtr WithoutPlaceholders(const ExpressionPtr& expression);

}  // namespace picket::sigma
