#pragma once

#include <string>
#include <vector>

namespace picket {

// The result of reading the configuration again, for the log.
struct ReloadReport {
  std::vector<std::string> changed;        // what is in force from now on
  std::vector<std::string> needs_restart;  // settings that changed and need a restart
  std::vector<std::string> faults;         // errors; what they concern stays as it was
};

}  // namespace picket
