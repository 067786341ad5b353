#pragma once

// Files of rules, and what is wrong with them.

#include <cstdint>
#include <string>
#include <vector>

#include "common/strings.h"

namespace picket::sigma {

// One file of rules: Sigma YAML, one or more documents.
struct RuleFile {
  std::string path;  // as messages name it
  std::string text;
};

// What is wrong with a rule: `rules/x.yml:14:7: unknown modifier 'contain'`. The rule it names is left out; others load.
// A warning (LintSigma) is about a rule that loads.
struct RuleFault {
  enum class Severity : uint8_t { kError, kWarning };
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  Severity severity = Severity::kError;
  std::string ToString() const;
};

// Values for placeholders (`User|expand: '%admins%'`): name of the list, without percent signs → its values. A value is
// read as one in a rule is: wildcards and escapes count.
using ValueLists = StringMap<std::vector<std::string>>;

// Every *.yml and *.yaml below a folder except *.test.yml and what is hidden (a name that begins with a dot), sorted by
// path; or the one file.
// Files that cannot be read become faults.
std::vector<RuleFile> ReadRuleFiles(const std::string& path, std::vector<RuleFault>& faults);

}  // namespace picket::sigma
