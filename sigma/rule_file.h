#pragma once

// Rule files, and the errors and warnings found in them.

#include <cstdint>
#include <string>
#include <vector>

#include "common/strings.h"

namespace picket::sigma {

// A file of one or more Sigma documents in YAML.
struct RuleFile {
  std::string path;  // as shown in messages
  std::string text;
};

// An error or a warning, such as `rules/x.yml:14:7: unknown modifier 'contain'`. A rule with an
// error is not loaded, but the other rules of the same file are loaded. A rule with a warning (see
// LintSigma) is loaded.
struct RuleFault {
  enum class Severity : uint8_t { kError, kWarning };
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  Severity severity = Severity::kError;
  std::string ToString() const;
};

// Maps the name of each list to the values of the list. A placeholder, as in
// `User|expand: '%admins%'`, refers to a list by name. Names are stored without percent signs.
// Values can contain wildcards and escapes, as in a rule.
using ValueLists = StringMap<std::vector<std::string>>;

// Reads one file, or every *.yml and *.yaml file below a folder, sorted by path. Skips *.test.yml,
// *.test.yaml, and files and folders whose names begin with a dot. Adds an error to `faults` for
// each file that cannot be read.
std::vector<RuleFile> ReadRuleFiles(const std::string& path, std::vector<RuleFault>& faults);

// Reads the files in the order of `paths`. Adds an error to `faults` for each file that cannot be
// read.
std::vector<RuleFile> ReadRuleFilesAt(const std::vector<std::string>& paths,
                                      std::vector<RuleFault>& faults);

}  // namespace picket::sigma
