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
// Returns the exit status, which is 1 if the rules have errors, and 2 if the configuration has
// errors or the cluster fails. If the commit itself fails, it is unknown whether the changes are
// published. After any other error, nothing is published.
int PublishRules(const PublishOptions& options);

}  // namespace picket
