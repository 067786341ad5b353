#include "detector/matching/correlation_compiler.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"

namespace picket::detector {
namespace {

// Returns the reason why a correlation that already uses `rules` cannot also use the rule `name`.
// Returns an empty string if the correlation can use it.
std::string ProblemOf(const std::string& name, const sigma::RuleReference* found,
                      const std::vector<uint32_t>& rules) {
  if (found == nullptr) {
    return absl::StrCat(
        "no rule is called '", name,
        "': 'rules' takes ids, names, titles or file names of rules that are loaded");
  }
  if (found->is_ambiguous) {
    return absl::StrCat("several rules are called '", name, "': refer to one by its id");
  }
  if (found->is_correlation) {
    return absl::StrCat("'", name,
                        "' is a correlation; correlations of correlations are not supported");
  }
  if (std::find(rules.begin(), rules.end(), found->index) != rules.end()) {
    return absl::StrCat("the rule '", name, "' is listed twice");
  }
  return "";
}

// Resolves the rules to which a correlation refers. If any rule cannot be used, adds an error for
// each such rule and returns nullopt.
std::optional<std::vector<uint32_t>> ResolveRules(const sigma::SigmaDocument& document,
                                                  const sigma::RuleNames& names,
                                                  std::vector<sigma::RuleFault>& faults) {
  std::vector<uint32_t> rules;
  bool is_valid = true;
  for (const auto& [name, position] : document.correlation.rules) {
    const sigma::RuleReference* const found = names.Find(name);
    std::string problem = ProblemOf(name, found, rules);
    if (!problem.empty()) {
      faults.push_back(sigma::FaultAt(document, position, std::move(problem)));
      is_valid = false;
      continue;
    }
    rules.push_back(found->index);
  }
  if (!is_valid) return std::nullopt;
  return rules;
}

// Returns the field to which a group-by name refers in the rule `reference`. Aliases may name a
// different field for each rule.
const std::string& FieldForRule(const sigma::CorrelationSpec& spec, const std::string& name,
                                const std::string& reference) {
  const std::string* field = &name;
  for (const auto& [alias, by_rule] : spec.aliases) {
    if (alias != name) continue;
    for (const auto& [rule_name, alias_field] : by_rule) {
      if (rule_name == reference) field = &alias_field;
    }
  }
  return *field;
}

void CompileGroupBy(const sigma::CorrelationSpec& spec, RuleCompiler& compiler,
                    CorrelationRule& rule) {
  for (const std::string& name : spec.group_by) {
    std::vector<CorrelationRule::Places>& places = rule.group_by.emplace_back();
    rule.group_by_names.push_back(name);
    for (const auto& [reference, position] : spec.rules) {
      places.push_back(compiler.InternEachPlace(FieldForRule(spec, name, reference)));
    }
  }
}

}  // namespace

void CompileCorrelations(const std::vector<sigma::SigmaDocument>& documents,
                         const sigma::RuleNames& names, RuleCompiler& compiler,
                         RuleSet::Compiled& compiled, std::vector<sigma::RuleFault>& faults) {
  std::vector<bool> is_used(compiled.rules.size()), is_generated(compiled.rules.size());
  for (const sigma::SigmaDocument& document : documents) {
    const sigma::CorrelationSpec& spec = document.correlation;
    std::optional<std::vector<uint32_t>> rules = ResolveRules(document, names, faults);
    if (!rules.has_value()) continue;
    CorrelationRule rule;
    rule.info = document.info;
    rule.type = spec.type;
    rule.rules = *std::move(rules);
    rule.timespan = spec.timespan;
    rule.conditions = spec.conditions;
    // A correlation counts the matches of other rules, so its meaning changes with these rules.
    // Therefore, its version is computed from its own text and from the versions of these rules.
    std::string versions = rule.info.version;
    for (const uint32_t base : rule.rules) {
      absl::StrAppend(&versions, " ", compiled.rules[base].info.version);
      is_used[base] = true;
      if (spec.generate) is_generated[base] = true;
    }
    rule.info.version = HexPrefix(Sha256(versions), 16);
    CompileGroupBy(spec, compiler, rule);
    if (!spec.value_field.empty()) {
      rule.value_field = compiler.InternEachPlace(spec.value_field);
      rule.value_field_name = spec.value_field;
    }
    compiled.correlations.push_back(std::move(rule));
  }
  // A rule that correlations use raises its own alerts only if one of these correlations has
  // `generate: true`.
  for (size_t i = 0; i < compiled.rules.size(); ++i) {
    compiled.rules[i].alerts = !is_used[i] || is_generated[i];
  }
}

}  // namespace picket::detector
