#pragma once

// The commands, options and arguments of `picket` as a tree of plain values. The help, the shell
// completion and the man pages are all generated from this tree, so they cannot differ.

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace picket {

// An option, or a positional argument.
struct CommandOption {
  enum class Values {
    kNone,     // a flag, which takes no value
    kAny,      // any value, which the shell cannot complete
    kChoice,   // one of `choices`
    kFile,     // the path of a file or a folder
    kFolder,   // the path of a folder
    kCommand,  // the name of a command (`picket help`)
  };

  std::vector<std::string> names;  // "-h", "--help"; for an argument, its name in capital letters
  Values values = Values::kNone;
  std::string placeholder;  // name of the value: "FILE", "INT"; empty for a flag
  std::vector<std::string> choices;
  std::string limits;  // the allowed range, such as "1 to 10000"; empty if any value is allowed
  std::string description;
  std::string default_value;
  std::string group;  // the heading under which the help lists the option
  bool is_argument = false;
  bool is_required = false;
  bool may_repeat = false;
  std::vector<std::string> needs;     // options that this option requires
  std::vector<std::string> excludes;  // options that cannot be combined with this option

  // Returns the name that the help shows for the value, such as "text|json" or "FILE", or an empty
  // string for a flag.
  std::string ValueName() const;
  // Returns the description with limits and default: "Number of workers (1 to 9, default 3)".
  std::string FullDescription() const;
};

// A command with its options, arguments and sub-commands. Commands and options that the help hides
// are left out.
struct Command {
  std::vector<std::string> path;  // {"rules", "check"}; empty for `picket` itself
  std::string description;
  std::string group;   // the heading under which the help lists the command
  std::string footer;  // paragraphs that follow the options in the help
  std::vector<CommandOption> options;
  std::vector<CommandOption> arguments;
  std::vector<Command> commands;

  std::string Name() const { return path.empty() ? "picket" : path.back(); }
  // Returns the full name, such as "picket rules check".
  std::string FullName() const;
  // Returns the direct sub-command with this name, or null if the command does not have one.
  const Command* Find(std::string_view name) const;
};

Command DescribeCommands(const CLI::App& app);

}  // namespace picket
