#pragma once

// Writes the text of `--help`.

#include <string>

#include "cli/command_description.h"

namespace picket {

// Returns the help of a command: its usage, sub-commands, arguments and options. Lines have at most
// 80 characters.
std::string HelpText(const Command& command);

// Returns one line for each sub-command of `command`, under the headings of the groups.
std::string CommandList(const Command& command);

}  // namespace picket
