#pragma once

// Rules, compiled once into an immutable set.

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

// A function that returns the places in an event to which a field name of a rule refers. For an
// empty name, it returns the parts of the event that keywords search. Use
// ResolveFieldName (model/field_names.h) for normalised events and LiteralFieldName for any other
// JSON.
using FieldResolver = std::function<std::vector<EventPath>(std::string_view name)>;
// Returns the places of a name. The name is taken as a literal key or, if an event has no such key,
// as a dotted path. Keywords search the whole event.
std::vector<EventPath> LiteralFieldName(std::string_view name);

// A compiled set of rules. Immutable once compiled.
// Threads: All workers share one set without locks. Lifetime: The set is held by shared_ptr<const
// RuleSet>.
class RuleSet {
 public:
  // Compiles all rules that have no errors. All other rules are left out, and their errors are
  // added to `faults`. A placeholder for which `lists` has no values is an error.
  static std::shared_ptr<const RuleSet> Compile(const std::vector<sigma::RuleFile>& files,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists = {});
  // Compiles documents that have already been read.
  static std::shared_ptr<const RuleSet> Compile(std::vector<sigma::SigmaDocument> documents,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists = {});
  ~RuleSet();

  absl::Span<const DetectionRule> rules() const;
  absl::Span<const CorrelationRule> correlations() const;

  struct Compiled;  // defined in compiled_rules.h, for detector/matching only
  const Compiled& compiled() const { return *compiled_; }

  // Compiles rules for the elements of an array. Each element is matched as {"": element}. Only
  // detector/matching may call this function.
  static std::shared_ptr<const RuleSet> CompileElementRules(
      const std::vector<std::shared_ptr<const sigma::Expression>>& rules);

 private:
  RuleSet();
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace picket::detector
