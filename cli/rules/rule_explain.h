#pragma once

// `picket rules explain`: explains why a rule matches an event or does not match it.

#include <cstdint>
#include <string>
#include <vector>

namespace picket {

struct ExplainOptions {
  std::string rule;                // a file, or the id, name or title of a rule
  std::string event;               // a file of JSON lines, or "-" for standard input
  std::vector<std::string> rules;  // files or folders to search; if empty, the built-in rules
  int64_t line = 0;                // number of the event's line, counted from 0
  bool as_is = false;              // whether to skip normalisation and take field names literally
};

// Prints the explanation to standard output. Returns the exit status: 0 if the rule matches, 1 if
// it does not match or does not load, and 2 if there is no such rule or event.
int ExplainRule(const ExplainOptions& options);

}  // namespace picket
