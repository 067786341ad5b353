#pragma once

// Finds rules by id or name. Other documents of the same set refer to rules by id or name.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sigma/rule_file.h"
#include "sigma/sigma_document.h"

namespace picket::sigma {

// The rule that an id or a name refers to.
struct RuleReference {
  // The index among the detections or, if is_correlation is true, among the correlations.
  uint32_t index = 0;
  bool is_correlation = false;
  bool is_ambiguous = false;  // true if several documents have this id or name
};

// A map from ids and names to rules.
// Threads: one thread uses an instance. Lifetime: instances are plain values.
class RuleNames {
 public:
  // Adds an id or a name of a rule. Ignores an empty name. A name does not become ambiguous if the
  // same rule is added twice under this name.
  void Add(const std::string& name, uint32_t index, bool is_correlation);
  // Returns nullptr if no rule has this id or name. The pointer is valid until Add is called.
  const RuleReference* Find(std::string_view name) const;

 private:
  std::map<std::string, RuleReference, std::less<>> rules_;
};

// Returns an error with the given message at a position in the file of the document.
RuleFault FaultAt(const SigmaDocument& document, SourcePosition position, std::string message);

}  // namespace picket::sigma
