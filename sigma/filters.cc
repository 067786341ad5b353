#include "sigma/filters.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "common/strings.h"

namespace picket::sigma {

bool CoversLogSource(const LogSource& filter, const LogSource& rule) {
  const auto covers = [](const std::string& a, const std::string& b) {
    return a.empty() || EqualsIgnoreCase(a, b);
  };
  return covers(filter.product, rule.product) && covers(filter.service, rule.service) &&
         covers(filter.category, rule.category);
}

void ApplyFilter(const SigmaDocument& filter, const RuleNames& names,
                 std::vector<SigmaDocument>& rules, std::vector<RuleFault>& faults) {
  std::vector<bool> is_chosen(rules.size(), filter.filter.rules.empty());
  for (const auto& [name, position] : filter.filter.rules) {
    bool is_known = false;
    const RuleReference* const found = names.Find(name);
    if (found != nullptr && !found->is_correlation) {
      is_known = true;
      is_chosen[found->index] = true;
    }
    for (size_t i = 0; i < rules.size(); ++i) {
      if (!IsCalled(rules[i].info, name)) continue;
      is_known = true;
      is_chosen[i] = true;
    }
    if (!is_known) {
      faults.push_back(
          FaultAt(filter, position,
                  absl::StrCat("no detection rule has the id, name, title or file name '", name,
                               "': the filter is left out")));
      return;
    }
  }
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!is_chosen[i] || !CoversLogSource(filter.logsource, rules[i].logsource)) continue;
    auto both = std::make_shared<Expression>();
    both->kind = Expression::Kind::kAnd;
    both->label = filter.info.title;
    both->children = {rules[i].expression, filter.expression};
    rules[i].expression = std::move(both);
    rules[i].info.version = HexPrefix(Sha256Of({rules[i].info.version, filter.info.version}), 16);
  }
}

}  // namespace picket::sigma
