#include "cli/rules/rule_files.h"

#include <cstdio>
#include <utility>

#include "common/strings.h"
#include "rules/embedded_rules.h"

namespace picket {
namespace {

// The maximum number of bytes that are printed for one fault. A fault may quote text from a rule
// file, which can be of any length.
constexpr size_t kMaxFaultBytes = 4096;

}  // namespace

using sigma::RuleFault;
using sigma::RuleFile;

std::vector<RuleFile> ReadRules(const std::vector<std::string>& paths,
                                std::vector<RuleFault>& faults) {
  std::vector<RuleFile> files;
  for (const std::string& path : paths) {
    const size_t files_before = files.size(), faults_before = faults.size();
    for (RuleFile& file : sigma::ReadRuleFiles(path, faults)) files.push_back(std::move(file));
    // If a path has neither rules nor errors, the user has probably mistyped it.
    if (files.size() == files_before && faults.size() == faults_before) {
      faults.push_back({path, 0, 0, "no rules here: no file *.yml or *.yaml"});
    }
  }
  if (paths.empty()) {
    for (const EmbeddedRule& rule : EmbeddedRules()) {
      files.push_back({std::string(rule.file), std::string(rule.text)});
    }
  }
  return files;
}

void PrintFaults(const std::vector<RuleFault>& faults) {
  for (const RuleFault& fault : faults) {
    std::fprintf(stderr, "%s\n", CleanLine(fault.ToString(), kMaxFaultBytes).c_str());
  }
}

}  // namespace picket
