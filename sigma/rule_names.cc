#include "sigma/rule_names.h"

#include <utility>

namespace picket::sigma {

std::string_view FileStem(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  return path.substr(0, path.rfind('.'));
}

bool IsCalled(const RuleInfo& info, std::string_view name) {
  if (name.empty()) return false;
  return info.id == name || info.name == name || info.title == name || info.file == name ||
         FileStem(info.file) == name ||
         std::string_view(info.file).substr(info.file.rfind('/') + 1) == name;
}

void RuleNames::Add(std::string_view name, uint32_t index, bool is_correlation) {
  AddTo(rules_, name, index, is_correlation);
}

void RuleNames::AddSecond(std::string_view name, uint32_t index, bool is_correlation) {
  AddTo(second_, name, index, is_correlation);
}

void RuleNames::AddTo(References& references, std::string_view name, uint32_t index,
                      bool is_correlation) {
  if (name.empty()) return;
  const auto [found, is_new] =
      references.try_emplace(std::string(name), RuleReference{index, is_correlation});
  RuleReference& known = found->second;
  if (!is_new && (known.index != index || known.is_correlation != is_correlation)) {
    known.is_ambiguous = true;
  }
}

const RuleReference* RuleNames::Find(std::string_view name) const {
  for (const References* const references : {&rules_, &second_}) {
    const auto found = references->find(name);
    if (found != references->end()) return &found->second;
  }
  return nullptr;
}

RuleFault FaultAt(const SigmaDocument& document, SourcePosition position, std::string message) {
  return {document.info.file, position.line, position.column, std::move(message)};
}

}  // namespace picket::sigma
