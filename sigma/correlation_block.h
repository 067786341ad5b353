#pragma once

// Reads the `correlation` block of a document: the rules to count, the group-by fields, the
// timespan and the condition on the count. The types event_count and value_count are supported.
// Source: Sigma specification 2.1.0, "Sigma Correlation Rules Specification".

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
  // The id, name or title of each counted rule, and the position of this reference in the file.
  std::vector<std::pair<std::string, SourcePosition>> rules;
  std::vector<std::string> group_by;
  // Each alias with its pairs of rule and field: the alias stands for this field in this rule.
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> aliases;
  absl::Duration timespan;
  std::vector<CountCondition> conditions;  // the count must fulfil every condition
  std::string value_field;                 // the field whose values value_count counts
  bool generate = false;                   // true if the counted rules also raise their own alerts
};

// Reads a `correlation` block of the document `outer` into `spec`. Adds all errors and warnings to
// `faults`. Returns false if there is an error.
bool ReadCorrelationBlock(const YamlNode& block, const YamlNode& outer, CorrelationSpec& spec,
                          std::vector<ItemFault>& faults);

// Returns a string that represents the meaning of the block. The version of the rule is computed
// from this string. See CanonicalText in expression.h.
std::string CanonicalText(const CorrelationSpec& spec, Level level);

}  // namespace picket::sigma
