#pragma once

// The tests beside rules (`<rule>.test.yml`, see rules/README.md): audit records through normaliser and detector, alerts
// counted.

#include <string>
#include <vector>

#include "detector/matching/rule_set.h"

namespace picket {

struct RuleTestReport {
  int rules = 0;  // with tests
  int tests = 0;
  int passed = 0;
  std::vector<sigma::RuleFault> failures;  // of tests, of test files, and rules that lack a test
};

// Every *.test.yml below a folder, sorted by path; for a file, the one beside it (or itself).
std::vector<sigma::RuleFile> ReadRuleTestFiles(const std::string& path,
                                               std::vector<sigma::RuleFault>& faults);

// Runs the tests of each rule file; a rule file is found by its path (x.test.yml tests x.yml).
RuleTestReport RunRuleTests(const std::vector<sigma::RuleFile>& rules,
                            const std::vector<sigma::RuleFile>& tests);

}  // namespace picket
