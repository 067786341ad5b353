#pragma once

// Rule files, and the faults found in them.

#include <cstdint>
#include <string>
#include <vector>

#include "common/strings.h"

namespace picket::sigma {

// A file of one or more Sigma documents in YAML.
struct RuleFile {
  std::string path;  // as messages show it
  std::string text;
};

// An error or a warning: `rules/x.yml:14:7: unknown modifier 'contain'`. A rule with an error is
// not loaded; the other rules of the file are. A rule with a warning (LintSigma) is loaded.
struct RuleFault {
  enum class Severity : uint8_t { kError, kWarning };
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  Severity severity = Severity::kError;
  std::string ToString() const;
};

// The lists that placeholders (`User|expand: '%admins%'`) refer to: name of the list, without
// percent signs → its values. Values are written as in a rule: wildcards and escapes work.
using ValueLists = StringMap<std::vector<std::string>>;

// Reads one file, or every *.yml and *.yaml file below a folder, sorted by path. Skips *.test.yml,
// and files and folders whose name begins with a dot. Files that cannot be read become faults.
std::vector<RuleFile> ReadRuleFiles(const std::string& path, std::vector<RuleFault>& faults);

}  // namespace picket::sigma
