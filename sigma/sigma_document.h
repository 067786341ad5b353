#pragma once

// A Sigma document as read: a detection rule, a correlation rule or a filter.
// Facts: Sigma specification 2.1.0 (https://github.com/SigmaHQ/sigma-specification), "Sigma Rules
// Specification", "Sigma Correlation Rules Specification" and "Sigma Filters Specification".
// Arrays (`sigma-version: 3`): the arrays of version 3 of the specification.

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

// A filter narrows other rules: they match only events for which the filter's condition holds, too.
struct FilterSpec {
  // By id, name or title; empty: every rule.
  std::vector<std::pair<std::string, SourcePosition>> rules;
};

struct SigmaDocument {
  enum class Kind : uint8_t { kDetection, kCorrelation, kFilter };
  Kind kind = Kind::kDetection;
  RuleInfo info;
  std::string declared_id;  // as written; without it info.id is the name, else the title
  SourcePosition position;
  LogSource logsource;
  ExpressionPtr expression;  // of a detection or a filter
  CorrelationSpec correlation;
  FilterSpec filter;
};

// Returns the valid documents of a file and adds every fault of the others to `faults`. Items with
// `expand` are kPlaceholder expressions: call ResolvePlaceholders (placeholders.h) before the
// document is compiled.
std::vector<SigmaDocument> ReadSigma(const RuleFile& file, std::vector<RuleFault>& faults);

// Returns warnings about documents that are valid but should be written differently, in the order
// of the file.
std::vector<RuleFault> LintSigma(const RuleFile& file);

}  // namespace picket::sigma
