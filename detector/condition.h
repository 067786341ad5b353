#pragma once

// The `condition` of a Sigma rule: identifiers joined by and, or, not, parentheses and `1 of …`.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "detector/sigma_document.h"

namespace picket::detector {

using Identifiers = std::vector<std::pair<std::string, ExpressionPtr>>;

struct ConditionError {
  size_t offset = 0;  // into the text
  std::string message;
};

// Nullptr and an error when the text is no condition over these identifiers.
ExpressionPtr ParseCondition(std::string_view text, const Identifiers& identifiers,
                             ConditionError& error);

// How many times `1 of x*` and the like match: `*` stands for any run, at any place.
bool MatchesPattern(std::string_view pattern, std::string_view name);

}  // namespace picket::detector
