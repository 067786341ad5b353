#pragma once

// Tests of rules in the form of a corpus: each line is a JSON object with an event or a record, and
// the expected result.
//
//   {"rule": ID, "event": {…}, "expected": true}
//   {"rule_yaml": "title: …", "event": {…}, "expected": …}
//   {"rule": ID, "record": {…}, "expected": …}
//
// `rule` is the id, title or name of a rule in the folder, and `rule_yaml` is the text of a rule.
// `event` is not normalised, and its field names are taken literally. `record` is an audit record,
// which is normalised first; a rule can use the Microsoft, OCSF or ECS names of its fields.

#include <string>
#include <vector>

#include "cli/rules/rule_tests.h"
#include "sigma/rule_file.h"

namespace picket {

// Runs every line of the file. Reports a failure with the number of its line if the line is not a
// test, if a rule does not load or does not exist, or if the result is unexpected. All other lines
// still run.
RuleTestReport RunRuleCorpus(const std::vector<sigma::RuleFile>& rules, const std::string& path);

}  // namespace picket
