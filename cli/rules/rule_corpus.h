#pragma once

// Tests of rules in the form of a corpus: each line is a JSON object with an event and the expected
// result.
//
//   {"rule": ID, "event": {…}, "expected": true}            a rule of the folder by id, title or name
//   {"rule_yaml": "title: …", "event": {…}, "expected": …}  a rule in the line itself
//   {"rule": ID, "record": {…}, "expected": …}              an audit record, which is normalised first
//
// `event` is matched without normalising it, and field names are taken literally. The fields of a
// record have their names of Microsoft, OCSF or ECS.

#include <string>
#include <vector>

#include "cli/rules/rule_tests.h"
#include "sigma/rule_file.h"

namespace picket {

// Runs every line of the file. A line that is not a test, a rule that does not load or does not
// exist, and an unexpected result are failures with the number of their line. All other lines still
// run.
RuleTestReport RunRuleCorpus(const std::vector<sigma::RuleFile>& rules, const std::string& path);

}  // namespace picket
