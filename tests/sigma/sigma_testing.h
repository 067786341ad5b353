#pragma once

// Functions with which tests compile rules and match events.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"

namespace picket::detector {

struct CompiledText {
  std::shared_ptr<const RuleSet> rules;
  std::vector<sigma::RuleFault> faults;
};

inline CompiledText CompileText(std::string_view text,
                                const FieldResolver& resolve = LiteralFieldName) {
  CompiledText result;
  result.rules = RuleSet::Compile({{"rules/x.yml", std::string(text)}}, resolve, result.faults);
  return result;
}

// Returns a rule whose section `detection` has this content. Each line of the content must be
// indented by two spaces or more.
inline std::string RuleText(std::string_view detection) {
  return "title: T\nlogsource: {product: m365}\ndetection:\n" + std::string(detection);
}

// Returns a rule with only this item, for example "Operation|contains: box".
inline std::string ItemRule(std::string_view item) {
  return RuleText("  selection:\n    " + std::string(item) + "\n  condition: selection\n");
}

// Returns all errors and warnings, one per line.
inline std::string Faults(const std::vector<sigma::RuleFault>& faults) {
  std::string text;
  for (const sigma::RuleFault& fault : faults) text += fault.ToString() + "\n";
  return text;
}

// Returns true if the single rule in `text` matches the event. If the rule is invalid, returns
// false.
inline bool Matches(std::string_view text, std::string_view event) {
  const CompiledText compiled = CompileText(text);
  if (compiled.rules->rules().empty()) return false;
  Matcher matcher(compiled.rules);
  return !matcher.Match(event).empty();
}

inline bool ItemMatches(std::string_view item, std::string_view event) {
  return Matches(ItemRule(item), event);
}

}  // namespace picket::detector
