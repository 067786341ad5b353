#pragma once

#include "absl/status/statusor.h"

namespace picket {

// Returns a currently unused TCP port on the loopback interface, for a process that must be given
// its port before it starts. Another process may bind the port in the meantime.
absl::StatusOr<int> FreePort();

}  // namespace picket
