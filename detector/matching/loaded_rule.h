#pragma once

// The rules of a compiled set: their metadata and the fields that they use.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sigma/rule.h"

namespace picket::detector {

// The number of a field that some rule or correlation uses.
using FieldId = uint32_t;
inline constexpr FieldId kNoField = UINT32_MAX;

// A rule whose verdict depends on one event.
struct DetectionRule {
  sigma::RuleInfo info;
  // False for a rule that only feeds correlations: one refers to it, and none of these has
  // `generate: true`.
  bool alerts = true;
};

// A rule whose verdict depends on a window of events (Sigma specification, correlation rules).
struct CorrelationRule {
  sigma::RuleInfo info;
  sigma::CorrelationType type;
  std::vector<uint32_t> rules;  // the detection rules that it refers to, as indexes in the rule set
  // The fields whose values identify the group, as [group-by position][position in `rules`]:
  // aliases may name a different field for each rule. Empty: one group per tenant.
  std::vector<std::vector<FieldId>> group_by;
  std::vector<std::string> group_by_names;
  absl::Duration timespan;
  std::vector<sigma::CountCondition> conditions;  // all must hold
  FieldId value_field = kNoField;                 // value_count
};

}  // namespace picket::detector
