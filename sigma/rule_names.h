#pragma once

// Finds rules by id, name, title or file name. Other documents of the same set, settings and
// commands refer to rules in these ways.

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

// Returns the name of a file without its folder and its extension.
std::string_view FileStem(std::string_view path);

// Returns true if `name` is the id, the name, the title or the file of the rule. A file is named by
// its path, or by its name with or without the extension.
bool IsCalled(const RuleInfo& info, std::string_view name);

// A map from the names of rules to the rules. Names of the second kind (titles and file names) are
// used only if no rule has the name as its id or name.
// Threads: one thread uses an instance. Lifetime: instances are plain values.
class RuleNames {
 public:
  // Adds an id or a name of a rule. Ignores an empty name. A name does not become ambiguous if the
  // same rule is added twice under this name.
  void Add(std::string_view name, uint32_t index, bool is_correlation);
  // Adds a title or a file name.
  void AddSecond(std::string_view name, uint32_t index, bool is_correlation);
  // Returns nullptr if no rule has this name. The pointer is valid until a name is added.
  const RuleReference* Find(std::string_view name) const;

 private:
  using References = std::map<std::string, RuleReference, std::less<>>;
  static void AddTo(References& references, std::string_view name, uint32_t index,
                    bool is_correlation);

  References rules_, second_;
};

// Returns an error with the given message at a position in the file of the document.
RuleFault FaultAt(const SigmaDocument& document, SourcePosition position, std::string message);

}  // namespace picket::sigma
