#pragma once

// `picket rules list` lists rules and correlations.

#include <string>
#include <vector>

namespace picket {

// Prints one line for each rule and correlation to standard output, as text or as JSON. If `paths`
// is empty, lists the built-in rules. Returns the exit status.
int ListRules(const std::vector<std::string>& paths, bool as_json);

}  // namespace picket
