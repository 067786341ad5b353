#pragma once

// `picket rules explain`: why a rule matches an event, or why it does not.

#include <cstdint>
#include <string>
#include <vector>

namespace picket {

struct ExplainOptions {
  std::string rule;                // a file, or the id, name or title of a rule
  std::string event;               // a file of JSON lines, - for standard input
  std::vector<std::string> rules;  // where to look for the rule; empty: the built-in rules
  int64_t line = 0;                // number of the event's line, from 0
  bool as_is = false;              // do not normalise; take field names literally
};

// Prints the explanation to standard output. Returns the exit status: 0 the rule matches, 1 it does
// not match or does not load, 2 there is no such rule or event.
int ExplainRule(const ExplainOptions& options);

}  // namespace picket
