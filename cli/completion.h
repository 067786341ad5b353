#pragma once

// Shell completion: scripts for bash and zsh that complete commands, options, their values and file
// names.

#include <string>

#include "cli/command_tree.h"

namespace picket {

// Belongs into share/bash-completion/completions/picket.
std::string BashCompletion(const Command& root);

// Belongs into share/zsh/site-functions/_picket.
std::string ZshCompletion(const Command& root);

}  // namespace picket
