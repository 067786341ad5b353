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

// Returns every *.test.yml below a folder, sorted by path. For a file, returns the tests next to
// it, or the file itself if it is a test file.
std::vector<sigma::RuleFile> ReadRuleTestFiles(const std::string& path,
                                               std::vector<sigma::RuleFault>& faults);

// Runs the tests of each rule file. The tests of x.yml are in x.test.yml.
RuleTestReport RunRuleTests(const std::vector<sigma::RuleFile>& rules,
                            const std::vector<sigma::RuleFile>& tests);

// `picket rules test`: runs the tests of the rules in `path`, or the rules over the records of the
// folder `corpus`, prints the result to standard error and returns the exit status. At least one of
// the two must be given.
int TestRules(const std::string& path, const std::string& corpus);

}  // namespace picket
