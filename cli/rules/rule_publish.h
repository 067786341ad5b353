#pragma once

// `picket rules publish`: writes the rules of files to the topic `rules`.

#include <string>
#include <vector>

namespace picket {

struct PublishOptions {
  std::vector<std::string> paths;
  std::string config_file;  // empty: found in the usual places
  bool prune = false;       // remove the rules that are in none of the files
  bool dry_run = false;     // only print what would be done
};

// Writes everything in one transaction, so that detectors see all of it or nothing. Returns the
// exit status: 1 if the rules have faults, 2 if the configuration has faults or the cluster fails.
// Nothing is published in either case.
int PublishRules(const PublishOptions& options);

}  // namespace picket
