#pragma once

// Reads the help of the commands. Tests compare the help with the completion scripts and the man
// pages.

#include <set>
#include <string>
#include <vector>

namespace picket {

// The description of a command in its `--help`.
struct HelpedCommand {
  std::vector<std::string> path;   // {"rules", "check"}; empty for `picket` itself
  std::set<std::string> commands;  // names of the direct sub-commands
  std::set<std::string> options;   // long names of the options: "--format"
};

// Runs `picket … --help` for every command and reads the output.
std::vector<HelpedCommand> ReadHelpOfAllCommands();

// Returns true if the program can be run.
bool HasProgram(const std::string& name);

}  // namespace picket
