#pragma once

// The ids and names by which documents refer to rules of the same set.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sigma/rule_file.h"
#include "sigma/sigma_document.h"

namespace picket::sigma {

// The rule that an id or a name refers to.
struct RuleReference {
  uint32_t index = 0;  // among the detections, or among the correlations
  bool is_correlation = false;
  bool is_ambiguous = false;  // several documents have this name
};

// Threads: one. Lifetime: a value.
class RuleNames {
 public:
  // An empty name is ignored. Adding the same rule twice under one name does not make the name
  // ambiguous.
  void Add(const std::string& name, uint32_t index, bool is_correlation);
  // Returns nullptr if no rule has this id or name. Valid until the next Add.
  const RuleReference* Find(std::string_view name) const;

 private:
  std::map<std::string, RuleReference, std::less<>> rules_;
};

// A fault at a position of the document's file.
RuleFault FaultAt(const SigmaDocument& document, SourcePosition position, std::string message);

}  // namespace picket::sigma
