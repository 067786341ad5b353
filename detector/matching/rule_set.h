#pragma once

// Rules compiled once into an immutable set.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/loaded_rule.h"
#include "model/field_names.h"
#include "sigma/rule_file.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// Where a rule's field name leads in an event. ResolveFieldName (model/field_names.h) for normalised events; the
// identity (a literal key, then a dotted path) for any other JSON.
using FieldResolver = std::function<std::vector<EventPath>(std::string_view name)>;
std::vector<EventPath> LiteralFieldName(std::string_view name);

// Immutable once compiled. Threads: shared by all workers without locks. Lifetime: shared_ptr<const RuleSet>.
class RuleSet {
 public:
  // Rules with faults are left out and reported in `faults`; the rest is compiled. A rule with a placeholder that
  // `lists` has no values for has a fault.
  static std::shared_ptr<const RuleSet> Compile(const std::vector<sigma::RuleFile>& files,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists = {});
  // The same from documents that have been read.
  static std::shared_ptr<const RuleSet> Compile(std::vector<sigma::SigmaDocument> documents,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists = {});
  ~RuleSet();

  absl::Span<const DetectionRule> rules() const;
  absl::Span<const CorrelationRule> correlations() const;

  struct Compiled;  // the index; detector/ only
  const Compiled& compiled() const { return *compiled_; }

  // Rules over the elements of an array, each of which is matched as {"": element}; detector/ only.
  static std::shared_ptr<const RuleSet> CompileElementRules(
      const std::vector<std::shared_ptr<const sigma::Expression>>& rules);

 private:
  RuleSet();
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace picket::detector
