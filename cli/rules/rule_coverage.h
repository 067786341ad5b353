#pragma once

// What a set of rules covers: ATT&CK, the operations it asks for, and rules that can never match.

#include <map>
#include <string>
#include <vector>

#include "detector/matching/rule_set.h"

namespace picket {

struct RuleCoverage {
  struct Rules {
    std::string name;                // of the tactic or technique; empty where it is not known
    std::vector<std::string> rules;  // titles
  };
  std::map<std::string, Rules> tactics;     // by "TA0009", those without a rule too
  std::map<std::string, Rules> techniques;  // by "T1114.003"
  struct Operation {
    bool has_row = false;  // the mapping table knows it; else its verb tells the class
    std::vector<std::string> rules;
  };
  std::map<std::string, Operation> operations;  // as rules write them, wildcards included
  std::vector<std::string> any_operation;       // titles of rules that name none
  // Rules whose condition cannot hold, since no record has a field that it needs.
  std::vector<sigma::RuleFault> never;
  int rules = 0;
};

// Documents that do not load are faults; the others are looked at.
RuleCoverage CoverageOf(const std::vector<sigma::RuleFile>& files,
                        std::vector<sigma::RuleFault>& faults);

std::string CoverageText(const RuleCoverage& coverage);
std::string CoverageJson(const RuleCoverage& coverage);

}  // namespace picket
