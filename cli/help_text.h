#pragma once

// The text of `--help`.

#include <string>

#include "cli/command_description.h"

namespace picket {

// Describes a command: its usage, sub-commands, arguments and options, in lines of 80 characters.
std::string HelpText(const Command& command);

// One line for each command below `command`, under the headings of their groups.
std::string CommandList(const Command& command);

}  // namespace picket
