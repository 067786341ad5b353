#pragma once

// What the installation gives to shells and to man, and what the help of the commands says.

#include <set>
#include <string>
#include <vector>

namespace picket {

// A command as its `--help` describes it.
struct HelpedCommand {
  std::vector<std::string> path;   // {"rules", "check"}; empty for `picket` itself
  std::set<std::string> commands;  // below it
  std::set<std::string> options;   // "--format"
};

// Reads `picket … --help` of every command.
std::vector<HelpedCommand> ReadHelpOfAllCommands();

// True if the program can be run.
bool HasProgram(const std::string& name);

}  // namespace picket
