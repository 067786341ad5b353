#pragma once

#include <string>
#include <string_view>

namespace picket {

// Returns `text` with '?' in place of control characters, because text from a record could
// otherwise move the cursor of the terminal or change its state.
std::string Printable(std::string_view text);

// Returns true if output to this file descriptor may be coloured: the descriptor is a terminal that
// supports colours, and NO_COLOR is not set.
bool WantsColours(int fd);

}  // namespace picket
