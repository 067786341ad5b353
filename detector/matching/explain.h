#pragma once

// Why a rule matches an event or does not: its condition part by part, each decided by the matcher itself.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

struct Explanation {
  struct Part {
    int depth = 0;     // in the condition; the whole has 0
    std::string text;  // "all of", "selection: any of", "Operation: 'New-InboxRule'"
    bool holds = false;
    std::string why;  // of a comparison: what the event has
  };
  bool matches = false;
  std::vector<Part> parts;               // in the order of the rule, each before what it is made of
  std::vector<std::string> filtered_by;  // titles of filters that keep the rule from matching
};

// `rule` is a detection; `filters` are looked at for those that narrow it. For people, not for the hot path.
// Errors: InvalidArgument when the event is no JSON object.
absl::StatusOr<Explanation> ExplainRule(const sigma::SigmaDocument& rule,
                                        const std::vector<sigma::SigmaDocument>& filters,
                                        const FieldResolver& resolve, std::string_view event_json);

}  // namespace picket::detector
