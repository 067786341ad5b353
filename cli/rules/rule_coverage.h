#pragma once

// What a set of rules covers: ATT&CK techniques, operations, and the rules that can never match.

#include <map>
#include <string>
#include <vector>

#include "sigma/rule_file.h"

namespace picket {

struct RuleCoverage {
  struct Rules {
    std::string name;                // of the tactic or technique; empty if unknown
    std::vector<std::string> rules;  // titles
  };
  std::map<std::string, Rules> tactics;     // by "TA0009", including those without a rule
  std::map<std::string, Rules> techniques;  // by "T1114.003"
  struct Operation {
    bool has_row = false;  // in the mapping table; otherwise its verb determines the class
    std::vector<std::string> rules;
  };
  std::map<std::string, Operation> operations;  // as rules write them, with wildcards
  std::vector<std::string> any_operation;       // titles of rules that name no operation
  // Rules whose condition can never be true, because no record has a field that it needs.
  std::vector<sigma::RuleFault> never;
  int rules = 0;
};

// Documents that do not load are added to `faults` and left out.
RuleCoverage CoverageOf(const std::vector<sigma::RuleFile>& files,
                        std::vector<sigma::RuleFault>& faults);

std::string CoverageText(const RuleCoverage& coverage);
std::string CoverageJson(const RuleCoverage& coverage);

// `picket rules coverage`: prints the coverage of the rules in `paths` and returns the exit status.
int PrintCoverage(const std::vector<std::string>& paths, bool as_json);

}  // namespace picket
