#pragma once

// The metadata of the rules of a compiled set, and the fields that correlations use.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sigma/rule.h"

namespace picket::detector {

// Identifies a field that some rule or correlation uses.
using FieldId = uint32_t;
inline constexpr FieldId kNoField = UINT32_MAX;

// A rule whose verdict depends on a single event.
struct DetectionRule {
  sigma::RuleInfo info;
  // False if the rule only feeds correlations, that is, if a correlation refers to the rule and no
  // such correlation has `generate: true`.
  bool alerts = true;
};

// A rule whose verdict depends on a window of events (Sigma specification, correlation rules).
struct CorrelationRule {
  sigma::RuleInfo info;
  sigma::CorrelationType type;
  std::vector<uint32_t> rules;  // detection rules that are counted, as indexes in the rule set
  // A name can refer to several places in an event, such as a number and its caption. Each place is
  // a field of its own, and the values at the first place that has any are used.
  using Places = std::vector<FieldId>;
  // For each group-by name, the places whose values identify the group. They are indexed by
  // position in `rules`, because aliases may name a different field for each rule. If empty, each
  // tenant has one group.
  std::vector<std::vector<Places>> group_by;
  std::vector<std::string> group_by_names;
  absl::Duration timespan;
  std::vector<sigma::CountCondition> conditions;  // conditions that must all hold
  Places value_field;  // the field whose values a value_count counts; otherwise empty
  std::string value_field_name;
};

}  // namespace picket::detector
