#pragma once

#include <string>
#include <string_view>

namespace picket {

// Text from a record on its way to a terminal: control characters could move its cursor and become '?'.
std::string Printable(std::string_view text);

// Whether what goes to this file descriptor may have colours: it is a terminal that knows them, and NO_COLOR is not set.
bool WantsColours(int fd);

}  // namespace picket
