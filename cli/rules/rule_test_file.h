#pragma once

// A file of tests for one rule, `<rule>.test.yml`. rules/README.md describes the keys of the file.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sigma/rule_file.h"
#include "sigma/yaml_document.h"

namespace picket {

// A test, including everything that the test inherits from its base test.
struct RuleTest {
  std::string name;
  int line = 0, column = 0;
  std::optional<int> alerts;  // the exact number of alerts expected; if empty, `matches` decides
  bool matches = false;       // whether at least one alert is expected (true) or no alert (false)
  std::vector<sigma::YamlNode> events;  // audit records
  int repeat = 1;
  int step_secs = 1;
  // The test contains the records in `events` `repeat` times. In each repetition, the fields in
  // `each` have other values. An element of `each` contains the path of a field and a list of
  // values, and each repetition uses the next value of the list.
  std::vector<std::pair<std::string, std::vector<sigma::YamlNode>>> each;
  bool is_reversed = false;
  int deliveries = 1;
  const RuleTest* base = nullptr;

  bool ExpectsAlert() const { return alerts.has_value() ? *alerts > 0 : matches; }
  // Returns what differs between this test and its base test: the paths of the fields of records,
  // and the names of other keys of the test, such as `repeat`.
  std::set<std::string> Differences() const;
};

// Reads the tests of a file. Reports every error, and leaves out tests with errors. RuleTest::base
// points to another element of the returned vector, so this vector must not be copied or
// reallocated.
std::vector<RuleTest> ReadRuleTests(const sigma::RuleFile& file,
                                    std::vector<sigma::RuleFault>& faults);

}  // namespace picket
