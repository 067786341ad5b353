#pragma once

// `picket rules explain` explains why a rule matches or does not match an event.

#include <cstdint>
#include <string>
#include <vector>

namespace picket {

struct ExplainOptions {
  std::string rule;                // a file, or the id, name, title or file name of a rule
  std::string event;               // a file of JSON lines, or "-" for standard input
  std::vector<std::string> rules;  // files or folders to search; if empty, the built-in rules
  int64_t line = 0;                // index of the event's line, counted from 0
  bool as_is = false;              // whether to skip normalisation and take field names literally
};

// Prints the explanation to standard output. Returns the exit status: 0 if the rule matches, 1 if
// the rule does not match or does not load, and 2 if the rule or the event does not exist.
int ExplainRule(const ExplainOptions& options);

}  // namespace picket
