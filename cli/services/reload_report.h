#pragma once

#include <string>
#include <vector>

namespace picket {

// The result of reading the configuration again, for the log.
struct ReloadReport {
  std::vector<std::string> changed;        // changes that need no restart
  std::vector<std::string> needs_restart;  // settings that changed and need a restart
  std::vector<std::string> faults;         // errors; settings with errors stay as they were
};

}  // namespace picket
