#pragma once

// The `correlation` block of a document: which rules it counts, over which groups and timespan, and
// the condition on the count. Facts: Sigma specification 2.1.0, "Sigma Correlation Rules
// Specification". The types event_count and value_count are supported.

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "sigma/item_fault.h"
#include "sigma/rule.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

struct SourcePosition {
  int line = 0;
  int column = 0;
};

struct CorrelationSpec {
  CorrelationType type = CorrelationType::kEventCount;
  std::vector<std::pair<std::string, SourcePosition>> rules;  // by id, name or title
  std::vector<std::string> group_by;
  // alias → (rule reference → field)
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> aliases;
  absl::Duration timespan;
  std::vector<CountCondition> conditions;  // all must hold
  std::string value_field;                 // value_count
  bool generate = false;                   // the rules it counts raise alerts of their own, too
};

// Returns false if anything is invalid, after adding every reason to `faults`.
bool ReadCorrelationBlock(const YamlNode& block, CorrelationSpec& spec,
                          std::vector<ItemFault>& faults);

// The meaning of the block as a string, for the version of the rule. See CanonicalText in
// expression.h.
std::string CanonicalText(const CorrelationSpec& spec, Level level);

}  // namespace picket::sigma
