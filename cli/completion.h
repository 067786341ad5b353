#pragma once

// Shell completion: scripts for bash and zsh that complete commands, options, option values and
// file names.

#include <string>

#include "cli/command_description.h"

namespace picket {

// Returns the script for share/bash-completion/completions/picket.
std::string BashCompletion(const Command& root);

// Returns the script for share/zsh/site-functions/_picket.
std::string ZshCompletion(const Command& root);

}  // namespace picket
