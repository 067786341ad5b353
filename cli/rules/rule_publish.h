#pragma once

// `picket rules publish` writes the rules from files to the topic `rules`.

#include <string>
#include <vector>

namespace picket {

struct PublishOptions {
  std::vector<std::string> paths;
  std::string config_file;  // if empty, the file is searched for in the usual places
  bool prune = false;       // whether to remove rules that are not in any of the files
  bool dry_run = false;     // whether to print the changes without making them
};

// Publishes all changes in one transaction, so that detectors see either all changes or none.
// Returns the exit status: 1 if the rules have errors, and 2 if the configuration has errors or the
// cluster fails. Nothing is published after an error, unless the commit itself failed: then the
// outcome is unknown.
int PublishRules(const PublishOptions& options);

}  // namespace picket
