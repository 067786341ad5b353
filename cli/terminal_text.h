#pragma once

#include <string>
#include <string_view>

namespace picket {

// Returns `text` with '?' in place of control characters. Text of a record could otherwise move the
// cursor of the terminal or change its state.
std::string Printable(std::string_view text);

// Whether output to this file descriptor may be coloured: it is a terminal that supports colours,
// and NO_COLOR is not set.
bool WantsColours(int fd);

}  // namespace picket
