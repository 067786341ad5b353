#pragma once

// `picket rules publish`: rules from files onto the topic `rules`.

#include <string>
#include <vector>

namespace picket {

struct PublishOptions {
  std::vector<std::string> paths;
  std::string config_file;
  bool prune = false;
  bool dry_run = false;
};

// Everything in one transaction: detectors see all of it or nothing. Returns the exit status: 1 when the rules have
// faults, 2 when the configuration has or the cluster does not do its part; nothing is published then.
int PublishRules(const PublishOptions& options);

}  // namespace picket
