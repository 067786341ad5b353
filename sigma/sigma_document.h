#pragma once

// Reads Sigma documents. A document is a detection rule, a correlation rule or a filter.
// Source: Sigma specification 2.1.0 (https://github.com/SigmaHQ/sigma-specification), "Sigma Rules
// Specification", "Sigma Correlation Rules Specification" and "Sigma Filters Specification". Tests
// of array elements (`sigma-version: 3`) follow version 3 of the specification.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sigma/correlation_block.h"
#include "sigma/expression.h"
#include "sigma/rule.h"
#include "sigma/rule_file.h"

namespace picket::sigma {

struct LogSource {
  std::string product, service, category;
};

// The rules to which a filter applies. These rules match only events that also fulfil the condition
// of the filter.
struct FilterSpec {
  // The id, name or title of each rule, and the position of this reference in the file. If `rules`
  // is empty, the filter applies to every rule.
  std::vector<std::pair<std::string, SourcePosition>> rules;
};

struct SigmaDocument {
  enum class Kind : uint8_t { kDetection, kCorrelation, kFilter };
  Kind kind = Kind::kDetection;
  RuleInfo info;
  // The id that the document declares, or empty. If the document declares no id, info.id is the
  // name of the rule. If the rule has no name either, info.id is the title.
  std::string declared_id;
  SourcePosition position;
  LogSource logsource;
  ExpressionPtr expression;  // condition of a detection rule or a filter
  CorrelationSpec correlation;
  FilterSpec filter;
};

// Returns the valid documents of a file and adds the errors of the other documents to `faults`.
// Search items with the modifier `expand` become kPlaceholder expressions. Replace these
// expressions with ResolvePlaceholders (placeholders.h) before compiling a document.
std::vector<SigmaDocument> ReadSigma(const RuleFile& file, std::vector<RuleFault>& faults);

// Returns warnings about documents that are valid but should be written differently.
std::vector<RuleFault> LintSigma(const RuleFile& file);

}  // namespace picket::sigma
