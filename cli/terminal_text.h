#pragma once

#include <string>
#include <string_view>

namespace picket {

// Returns `text` with '?' in place of control characters. Text from a record could otherwise move
// the cursor of the terminal or change the terminal's state.
std::string Printable(std::string_view text);

// Returns true if the file descriptor is a terminal that supports colours, and NO_COLOR is not set.
bool WantsColours(int fd);

}  // namespace picket
