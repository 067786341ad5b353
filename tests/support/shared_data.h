#pragma once

#include <optional>
#include <string>

namespace picket {

// Returns the path of a file of the shared test data (the folder PICKET_SHARED_DATA or, by default,
// ../shared/data next to the checkout). Empty if the file does not exist; a test that needs it then
// prints a message and skips.
std::optional<std::string> SharedData(const std::string& name);

}  // namespace picket
