#pragma once

// `picket rules match` matches JSON events against rules without the detector.

#include <string>
#include <vector>

namespace picket {

struct MatchOptions {
  std::vector<std::string> rules;  // files or folders; if empty, the built-in rules
  std::string events = "-";        // file of JSON lines, or "-" for standard input
  std::string stats;   // path of the file for counts and times; if empty, no file is written
  bool as_is = false;  // whether to take field names literally in every event
  bool route = false;  // whether to evaluate only the rules whose log source fits the event
};

// Prints one line of JSON for each match to standard output. Returns the exit status. In an event
// of Picket's normaliser, rules may use the Microsoft and ECS names of the fields, as in the
// detector. In any other event, or if `as_is` is true, field names are taken literally.
int MatchEvents(const MatchOptions& options);

}  // namespace picket
