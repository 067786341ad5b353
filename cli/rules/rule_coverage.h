#pragma once

// Finds the ATT&CK techniques and the operations that a set of rules covers, and the rules that can
// never match.

#include <map>
#include <string>
#include <vector>

#include "sigma/rule_file.h"

namespace picket {

struct RuleCoverage {
  struct Rules {
    std::string name;                // name of the tactic or technique; empty if unknown
    std::vector<std::string> rules;  // titles of rules
  };
  // Indexed by id ("TA0009"). Tactics without a rule are included.
  std::map<std::string, Rules> tactics;
  std::map<std::string, Rules> techniques;  // indexed by id ("T1114.003")
  struct Operation {
    // Whether the mapping table has a row for the operation. Without a row, the mapping derives the
    // OCSF class of the event from the record type and the verb in the operation's name.
    bool has_row = false;
    std::vector<std::string> rules;
  };
  // Indexed by name as spelled in the rules, including wildcards.
  std::map<std::string, Operation> operations;
  std::vector<std::string> any_operation;  // titles of rules that name no operation
  // One error for each rule that can never match. The condition of such a rule needs a field that
  // no record has.
  std::vector<sigma::RuleFault> never;
  int rules = 0;
};

// Returns the coverage of the rules. Rules that do not load are left out and reported in `faults`.
RuleCoverage CoverageOf(const std::vector<sigma::RuleFile>& files,
                        std::vector<sigma::RuleFault>& faults);

std::string CoverageText(const RuleCoverage& coverage);
std::string CoverageJson(const RuleCoverage& coverage);

// Implements `picket rules coverage`. Prints the coverage of the rules in `paths` and returns the
// exit status.
int PrintCoverage(const std::vector<std::string>& paths, bool as_json);

}  // namespace picket
