#pragma once

// Runs the tests that are stored next to rules (`<rule>.test.yml`, see rules/README.md). Audit
// records pass through the normaliser and the detector, and the alerts are counted.

#include <string>
#include <vector>

#include "sigma/rule_file.h"

namespace picket {

struct RuleTestReport {
  int rules = 0;  // rule files that have tests
  int tests = 0;
  int passed = 0;
  // Failed tests, errors in test files, and rules without tests.
  std::vector<sigma::RuleFault> failures;
};

// If `path` is a folder, returns every *.test.yml below the folder, sorted by path. If `path` is a
// test file, returns this file. If `path` is any other file, returns the test file next to it.
std::vector<sigma::RuleFile> ReadRuleTestFiles(const std::string& path,
                                               std::vector<sigma::RuleFault>& faults);

// Runs the tests of each rule file. The tests of x.yml are in x.test.yml.
RuleTestReport RunRuleTests(const std::vector<sigma::RuleFile>& rules,
                            const std::vector<sigma::RuleFile>& tests);

// Implements `picket rules test`. If `corpus` is empty, runs the tests next to the rules in `path`.
// Otherwise, runs the file `corpus` (cli/rules/rule_corpus.h) with the rules in `path`, or with the
// built-in rules if `path` is empty. At least one of the two must be given. Prints the result to
// standard error and returns the exit status.
int TestRules(const std::string& path, const std::string& corpus);

}  // namespace picket
