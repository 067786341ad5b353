#pragma once

#include <optional>
#include <string>

namespace picket {

// Returns the path of a file of the shared test data. If the file does not exist, returns nothing,
// and a test that needs the file should print a message and be skipped. The folder of the shared
// test data is PICKET_SHARED_DATA or, by default, ../shared/data next to the checkout.
std::optional<std::string> SharedData(const std::string& name);

}  // namespace picket
