#pragma once

// The rules of a compiled set: what they say about themselves, and which fields they look at.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sigma/rule.h"

namespace picket::detector {

// A field that some rule or correlation looks at, as a number that the matcher finds values by.
using FieldId = uint32_t;
inline constexpr FieldId kNoField = UINT32_MAX;

// A rule that is decided on one event.
struct DetectionRule {
  sigma::RuleInfo info;
  // False for a rule that only feeds correlations (a correlation without `generate: true` refers to it).
  bool alerts = true;
};

// A rule that is decided on a window of events (Sigma specification, correlation rules).
struct CorrelationRule {
  sigma::RuleInfo info;
  sigma::CorrelationType type;
  std::vector<uint32_t> rules;  // detection rules it refers to, by index in the rule set
  // Fields whose values make the group, by [group-by position][position in `rules`]: aliases may name another field for
  // each rule. Empty: one group a tenant.
  std::vector<std::vector<FieldId>> group_by;
  std::vector<std::string> group_by_names;
  absl::Duration timespan;
  std::vector<sigma::CountCondition> conditions;  // all must hold
  FieldId value_field = kNoField;                 // value_count
};

}  // namespace picket::detector
