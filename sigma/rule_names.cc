#include "sigma/rule_names.h"

#include <utility>

namespace picket::sigma {

void RuleNames::Add(const std::string& name, uint32_t index, bool is_correlation) {
  if (name.empty()) return;
  const auto [found, is_new] = rules_.try_emplace(name, RuleReference{index, is_correlation});
  RuleReference& known = found->second;
  if (!is_new && (known.index != index || known.is_correlation != is_correlation)) {
    known.is_ambiguous = true;
  }
}

const RuleReference* RuleNames::Find(std::string_view name) const {
  const auto found = rules_.find(name);
  return found == rules_.end() ? nullptr : &found->second;
}

RuleFault FaultAt(const SigmaDocument& document, SourcePosition position, std::string message) {
  return {document.info.file, position.line, position.column, std::move(message)};
}

}  // namespace picket::sigma
