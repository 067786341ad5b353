#pragma once

// `picket rules explain`: why a rule matches an event or does not.

#include <string>
#include <vector>

namespace picket {

struct ExplainOptions {
  std::string rule;                // a file, or the id, name or title of a rule
  std::string event;               // a file of JSON lines, - for standard input
  std::vector<std::string> rules;  // where the rule is looked for; empty: the built-in pack
  int64_t line = 0;                // of the event in the file, from 0
  bool as_is = false;              // fields by their literal names, no normalisation
};

// Prints the explanation. 0: the rule matches; 1: it does not, or cannot be loaded; 2: there is no such rule or event.
int ExplainToPeople(const ExplainOptions& options);

}  // namespace picket
