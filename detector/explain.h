#pragma once

// Explains why a rule matches or does not match an event. The explanation tells for each part of
// the rule's condition whether the event fulfils the part.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

struct Explanation {
  struct Part {
    int depth = 0;     // nesting depth in the condition; 0 for the whole condition
    std::string text;  // such as "all of", "selection: any of" or "Operation: 'New-InboxRule'"
    bool holds = false;
    std::string why;  // if the part is a comparison, why it holds or does not hold
  };
  bool matches = false;
  std::vector<Part> parts;  // in the order of the rule; each part precedes its subparts
  std::vector<std::string> filtered_by;  // titles of filters that keep the rule from matching
};

// Explains whether `rule`, which must be a detection, matches an event. The filters in `filters`
// that apply to the rule are evaluated too. The function compiles the rule each time, so do not
// call it for every event of a stream. Returns InvalidArgument if the event is not a JSON object.
absl::StatusOr<Explanation> ExplainRule(const sigma::SigmaDocument& rule,
                                        const std::vector<sigma::SigmaDocument>& filters,
                                        const FieldResolver& resolve, std::string_view event_json);

}  // namespace picket::detector
