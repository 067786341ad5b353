#pragma once

// Compiles correlation rules after the detection rules of the set have been compiled.

#include <vector>

#include "detector/matching/compiled_rules.h"
#include "detector/matching/rule_compiler.h"
#include "sigma/rule_names.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// Adds the correlations to `compiled` and decides which detection rules raise alerts of their own.
// A correlation that refers to an unknown or ambiguous rule, or to another correlation, is left out
// and reported in `faults`.
void CompileCorrelations(const std::vector<sigma::SigmaDocument>& documents,
                         const sigma::RuleNames& names, RuleCompiler& compiler,
                         RuleSet::Compiled& compiled, std::vector<sigma::RuleFault>& faults);

}  // namespace picket::detector
