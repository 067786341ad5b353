#include "cli/rule_source.h"

#include "common/log.h"
#include "common/strings.h"
#include "model/field_names.h"
#include "rules/embedded_rules.h"

namespace picket {

absl::StatusOr<std::shared_ptr<const detector::RuleSet>> LoadRules(const std::string& path) {
  std::vector<detector::RuleFault> faults;
  std::vector<detector::RuleFile> files;
  if (path.empty()) {
    for (const EmbeddedRule& rule : EmbeddedRules()) {
      files.push_back({absl::StrCat("rules/", ToAbsl(rule.file)), std::string(rule.text)});
    }
  } else {
    files = detector::ReadRuleFiles(path, faults);
  }
  std::shared_ptr<const detector::RuleSet> rules =
      detector::RuleSet::Compile(files, ResolveFieldName, faults);
  for (const detector::RuleFault& fault : faults) {
    LogWarning("rule_left_out", {{"fault", fault.ToString()}});
  }
  if (rules->rules().empty() && rules->correlations().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no usable rule in ", path.empty() ? "the binary" : path));
  }
  return rules;
}

}  // namespace picket
