#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "simulator/faults/fault.h"

namespace picket::simulator {

// Reads a list of faults. Three forms are accepted:
//   a fault in each line, in the form of ParseFault; a line that begins with '#' is a comment;
//   JSON lines, such as {"kind":"html","value":404,"for":"60s"};
//   YAML: a list of such objects or of texts, alone or as the member `faults`.
// `name` is the name of the file or of the source, for error messages.
absl::StatusOr<std::vector<Fault>> ReadFaults(std::string_view text, std::string_view name);

}  // namespace picket::simulator
