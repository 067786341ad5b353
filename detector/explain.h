#pragma once

// Explains why a rule matches an event or does not: the verdict of the matcher for each part of its
// condition.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

struct Explanation {
  struct Part {
    int depth = 0;     // in the condition; 0 for the whole condition
    std::string text;  // "all of", "selection: any of", "Operation: 'New-InboxRule'"
    bool holds = false;
    std::string why;  // for a comparison: what the event contains
  };
  bool matches = false;
  std::vector<Part> parts;               // in the order of the rule, each before its own parts
  std::vector<std::string> filtered_by;  // titles of filters that keep the rule from matching
};

// `rule` is a detection; those of `filters` that apply to it are evaluated too. For people, not for
// the hot path.
// Errors: InvalidArgument if the event is not a JSON object.
absl::StatusOr<Explanation> ExplainRule(const sigma::SigmaDocument& rule,
                                        const std::vector<sigma::SigmaDocument>& filters,
                                        const FieldResolver& resolve, std::string_view event_json);

}  // namespace picket::detector
