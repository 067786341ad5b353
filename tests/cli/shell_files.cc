#include "tests/cli/shell_files.h"

#include <cctype>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tests/cli/command.h"

namespace picket {
namespace {

void ReadHelp(const std::vector<std::string>& path, std::vector<HelpedCommand>& all) {
  std::vector<std::string> arguments = path;
  arguments.emplace_back("--help");
  HelpedCommand command;
  command.path = path;
  for (const absl::string_view line : absl::StrSplit(RunPicket(arguments).out, '\n')) {
    if (line.substr(0, 2) != "  " || line.size() < 3 || line[2] == ' ') continue;
    const std::string word(line.substr(2, line.find(' ', 2) - 2));
    if (word[0] == '-') {
      const absl::string_view name = line.substr(line.find("--"));  // "--help" in "-h, --help"
      command.options.emplace(name.substr(0, name.find(' ')));
    } else if (std::islower(static_cast<unsigned char>(word[0])) != 0) {
      command.commands.insert(word);
    }
  }
  all.push_back(command);
  for (const std::string& child : command.commands) {
    std::vector<std::string> child_path = path;
    child_path.push_back(child);
    ReadHelp(child_path, all);
  }
}

}  // namespace

std::vector<HelpedCommand> ReadHelpOfAllCommands() {
  std::vector<HelpedCommand> all;
  ReadHelp({}, all);
  return all;
}

bool HasProgram(const std::string& name) {
  return RunProgram({"sh", "-c", "command -v " + name}).exit_status == 0;
}

}  // namespace picket
