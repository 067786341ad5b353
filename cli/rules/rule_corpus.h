#pragma once

// Tests of rules that come as a corpus: one JSON object a line, each an event with what it must give.
//
//   {"rule": ID, "event": {…}, "expected": true}           a rule of the folder by its id, title or name
//   {"rule_yaml": "title: …", "event": {…}, "expected": …}  a rule that the line brings along
//   {"rule": ID, "record": {…}, "expected": …}             an audit record, normalised first
//
// `event` is matched as it is, fields by their literal names; a record's fields go by Microsoft's, OCSF's or ECS names.

#include <string>
#include <vector>

#include "cli/rules/rule_tests.h"
#include "detector/matching/rule_set.h"

namespace picket {

// Runs every line of the file. What is wrong (a line that is no case, a rule that does not load or is not there, another
// result than expected) is a failure with its line; the other lines run on.
RuleTestReport RunRuleCorpus(const std::vector<sigma::RuleFile>& rules, const std::string& path);

}  // namespace picket
