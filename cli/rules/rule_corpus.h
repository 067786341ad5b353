#pragma once

// Runs a corpus, which is a file of tests for rules. Each line of a corpus is a JSON object. It
// contains a rule, the expected result, and either an event or a record.
//
//   {"rule": ID, "event": {…}, "expected": true}
//   {"rule_yaml": "title: …", "event": {…}, "expected": …}
//   {"rule": ID, "record": {…}, "expected": …}
//
// `rule` is the id, name, title or file name of one of the rules that are passed to RunRuleCorpus.
// `rule_yaml` is the text of a rule. `event` is matched as it is, so a rule must use the field
// names of the event. `record` is an audit record, which is normalised first. A rule can refer to
// the fields of the record by their Microsoft, OCSF or ECS names.

#include <string>
#include <vector>

#include "cli/rules/rule_tests.h"
#include "sigma/rule_file.h"

namespace picket {

// Runs every line of the file that is not blank. A line fails if it is not a test, if its rule does
// not load or does not exist, or if the result is unexpected. The report contains the line number
// of each failure, and the other lines still run.
RuleTestReport RunRuleCorpus(const std::vector<sigma::RuleFile>& rules, const std::string& path);

}  // namespace picket
