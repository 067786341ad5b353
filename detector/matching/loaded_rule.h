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
  // Matches with the same values of the group-by names are counted together. For each group-by
  // name, contains the fields with the value of the name: one field for each rule of `rules`,
  // because aliases may name a different field for each rule. If empty, each tenant has one group.
  std::vector<std::vector<FieldId>> group_by;
  std::vector<std::string> group_by_names;
  absl::Duration timespan;
  std::vector<sigma::CountCondition> conditions;  // conditions that must all hold
  FieldId value_field = kNoField;                 // the field whose values a value_count counts
};

}  // namespace picket::detector
