#pragma once

// Writes the text of `--help`.

#include <string>

#include "cli/command_description.h"

namespace picket {

// Returns the help of a command, which contains its usage, sub-commands, arguments and options.
// Wraps descriptions at 80 characters.
std::string HelpText(const Command& command);

// Returns the name and description of each sub-command of `command`, under the headings of the
// groups.
std::string CommandList(const Command& command);

}  // namespace picket
