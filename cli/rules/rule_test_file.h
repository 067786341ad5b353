#pragma once

// A file of tests of one rule, `<rule>.test.yml`. rules/README.md describes its keys.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sigma/rule_file.h"
#include "sigma/yaml_document.h"

namespace picket {

// One test, completed with what it inherits from the test that it is based on.
struct RuleTest {
  std::string name;
  int line = 0, column = 0;
  std::optional<int> alerts;  // the exact number of alerts expected; if empty, `matches` decides
  bool matches = false;       // at least one alert is expected, or none
  std::vector<sigma::YamlNode> events;  // audit records
  int repeat = 1;
  int step_secs = 1;
  // Fields that change with each repetition: path → values, used in turn.
  std::vector<std::pair<std::string, std::vector<sigma::YamlNode>>> each;
  bool is_reversed = false;
  int deliveries = 1;
  const RuleTest* base = nullptr;

  bool ExpectsAlert() const { return alerts.has_value() ? *alerts > 0 : matches; }
  // The fields of the records, and the keys of the test, in which it differs from its base.
  std::set<std::string> Differences() const;
};

// Reads the tests of a file. Every fault is reported; tests with faults are left out. The tests
// refer to each other by `base`, so the vector must not be copied or reallocated.
std::vector<RuleTest> ReadRuleTests(const sigma::RuleFile& file,
                                    std::vector<sigma::RuleFault>& faults);

}  // namespace picket
