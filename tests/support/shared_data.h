#pragma once

#include <optional>
#include <string>

namespace picket {

// The path of a file of the shared test data (folder ../shared/data beside the checkout, or PICKET_SHARED_DATA);
// nothing when it is not there. A test that needs it then says so loudly and skips.
std::optional<std::string> SharedData(const std::string& name);

}  // namespace picket
