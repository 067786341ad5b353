#pragma once

#include "absl/status/statusor.h"

namespace picket {

// A TCP port of the loopback that nobody uses now; for a process that is told its port before it starts. Somebody else
// may take it first.
absl::StatusOr<int> FreePort();

}  // namespace picket
