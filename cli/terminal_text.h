#pragma once

#include <string>
#include <string_view>

namespace picket {

// Returns `text` with control characters and invalid UTF-8 escaped, such as \x1b and \u009b. Text
// from a record or a rule could otherwise move the cursor of the terminal or change its state. Use
// this function for all such text that a command prints, except as JSON.
std::string Printable(std::string_view text);

// Like Printable, but keeps line breaks.
std::string PrintableLines(std::string_view text);

// Returns JSON lines with the control characters escaped that JSON allows in strings, such as
// U+007F and U+009B. The JSON keeps its meaning. Other lines stay unchanged.
std::string PrintableJson(std::string_view lines);

// Returns true if the file descriptor is a terminal that supports colours, and NO_COLOR is not set.
bool WantsColours(int fd);

}  // namespace picket
