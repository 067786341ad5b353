#pragma once

#include <string>

namespace picket {

// The state that /readyz reports. `reason` explains why the service is not ready, for example
// "restoring partition 7: 62 %".
struct Readiness {
  bool ready = false;
  std::string reason;
};

}  // namespace picket
