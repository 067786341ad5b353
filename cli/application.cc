#include "cli/application.h"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command_description.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/exit_status.h"
#include "cli/help_text.h"
#include "cli/manual.h"
#include "cli/suggestion.h"
#include "common/strings.h"
#include "common/version.h"

namespace picket {
namespace {

constexpr char kDescription[] =
    "Collects the Microsoft 365 audit log of many tenants and raises an alert for every attack "
    "that "
    "its rules describe";
constexpr char kFooter[] =
    "'picket help COMMAND' describes a command and its options.\n"
    "Service and operator commands read ./picket.yaml or else /etc/picket/picket.yaml, unless "
    "--config names a file.\n"
    "Exit status: 0 success, 1 something is wrong in the data, 2 wrong usage or configuration.";

bool IsOption(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

// Prints a usage error of a command to standard error. Returns the exit status.
int Refuse(const Command& command, const std::string& problem) {
  std::fprintf(stderr, "%s: %s\n", command.FullName().c_str(), problem.c_str());
  return kExitWrongUsage;
}

int RefuseWithList(const Command& command, const std::string& problem) {
  Refuse(command, problem);
  std::fprintf(stderr, "\n%s\n'picket help %sCOMMAND' describes a command.\n",
               CommandList(command).c_str(),
               command.path.empty() ? "" : (absl::StrJoin(command.path, " ") + " ").c_str());
  return kExitWrongUsage;
}

int RefuseUnknownCommand(const Command& command, std::string_view word) {
  std::vector<std::string> names;
  for (const Command& each : command.commands) names.push_back(each.Name());
  std::vector<std::string> nearest = NearestNames(word, names);
  // If no command has a name similar to `word`, suggests a sub-command with exactly this name.
  // For example, the suggestion for `picket publish` is `picket rules publish`.
  for (const Command& each : command.commands) {
    if (!nearest.empty()) break;
    for (const Command& child : each.commands) {
      if (child.Name() == word) nearest.push_back(absl::StrJoin(child.path, " "));
    }
  }
  return RefuseWithList(command,
                        absl::StrCat("unknown command '", ToAbsl(word), "'", DidYouMean(nearest)));
}

// Runs `picket help [COMMAND...]`. `words` are the words after "help".
int PrintHelp(const Command& root, const std::vector<std::string>& words) {
  const Command* command = &root;
  for (const std::string& word : words) {
    const Command* const child = command->Find(word);
    if (child == nullptr) return RefuseUnknownCommand(*command, word);
    command = child;
  }
  std::fputs(HelpText(*command).c_str(), stdout);
  return kExitOk;
}

void AddHelp(CLI::App& app, int& exit_status) {
  CLI::App* const help = app.add_subcommand("help", "Describe a command and its options");
  help->group(kHelpCommands);
  const auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("COMMAND", *words, "The command, such as 'rules check'; all if none is given")
      ->type_name("COMMAND");
  help->callback(
      [&app, words, &exit_status] { exit_status = PrintHelp(DescribeCommands(app), *words); });
}

void AddCompletion(CLI::App& app, int& exit_status) {
  CLI::App* const completion = app.add_subcommand(
      "completion", "Print the completion script of a shell; the installation runs this");
  completion->group("");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([&app, shell, &exit_status] {
    const Command root = DescribeCommands(app);
    std::fputs((*shell == "bash" ? BashCompletion(root) : ZshCompletion(root)).c_str(), stdout);
    exit_status = kExitOk;
  });
}

void AddManual(CLI::App& app, int& exit_status) {
  struct Options {
    std::string command;
    std::string folder;
  };
  CLI::App* const manual = app.add_subcommand(
      "manual", "Print the man page of picket or of a command; the installation runs this");
  manual->group("");
  const auto options = std::make_shared<Options>();
  manual->add_option("COMMAND", options->command, "A command, such as 'rules'");
  manual->add_option("--folder", options->folder, "Write all man pages into this folder instead")
      ->check(CLI::ExistingDirectory);
  manual->callback([&app, options, &exit_status] {
    const Command root = DescribeCommands(app);
    if (!options->folder.empty()) {
      const absl::Status status = WriteManualPages(root, options->folder);
      exit_status = status.ok() ? kExitOk : Refuse(root, std::string(status.message()));
      return;
    }
    const Command* const command = options->command.empty() ? &root : root.Find(options->command);
    if (command == nullptr) {
      exit_status = RefuseUnknownCommand(root, options->command);
      return;
    }
    std::fputs(ManualPage(root, *command).c_str(), stdout);
    exit_status = kExitOk;
  });
}

// Returns the innermost command that CLI11 has recognized.
const Command& ParsedCommand(const CLI::App& app, const Command& root) {
  const CLI::App* parsed = &app;
  const Command* command = &root;
  while (!parsed->get_subcommands().empty()) {
    const CLI::App* const child = parsed->get_subcommands().front();
    const Command* const described = command->Find(child->get_name());
    if (described == nullptr) break;  // a hidden command, which `root` does not contain
    parsed = child;
    command = described;
  }
  return *command;
}

int RefuseParse(const CLI::App& app, const Command& root, const CLI::ParseError& error) {
  const Command& command = ParsedCommand(app, root);
  std::string problem = error.what();
  // If the user mistypes the name of a required option, CLI11 only reports that the option is
  // missing. This function reports the unknown option instead, so that the user sees the typing
  // error.
  for (const std::string& word : app.remaining(true)) {
    if (!IsOption(word)) continue;
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> names;
    for (const CommandOption& option : command.options) {
      for (const std::string& each : option.names) {
        if (each.size() > 2) names.push_back(each);
      }
    }
    problem = absl::StrCat("unknown option '", name, "'", DidYouMean(NearestNames(name, names)));
    break;
  }
  Refuse(command, problem);
  std::fprintf(stderr, "'picket help%s%s' describes the usage.\n", command.path.empty() ? "" : " ",
               absl::StrJoin(command.path, " ").c_str());
  return kExitWrongUsage;
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  CLI::App app(kDescription, "picket");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", absl::StrCat("picket ", kVersion),
                       "Print the version and exit");
  // The second argument limits the command line to one command. Without this limit, CLI11 would
  // interpret `rules` in `picket help rules` as a second command, and not as an argument of `help`.
  app.require_subcommand(0, 1);
  int exit_status = kExitOk;
  AddAllCommands(app, exit_status);
  AddHelp(app, exit_status);
  AddCompletion(app, exit_status);
  AddManual(app, exit_status);
  app.footer(kFooter);  // set last, because commands added later would inherit the footer
  const Command root = DescribeCommands(app);

  // CLI11 does not report which word is wrong, so this loop checks the command names first.
  const Command* command = &root;
  for (int i = 1; !command->commands.empty(); ++i) {
    if (i >= argc) {
      if (command == &root) return PrintHelp(root, {});
      return RefuseWithList(*command, "name a command");
    }
    if (IsOption(argv[i])) break;
    const Command* const child = command->Find(argv[i]);
    if (child == nullptr) {
      const std::string_view word = argv[i];
      const bool is_hidden =
          command == &root &&
          !app.get_subcommands([&](CLI::App* each) { return each->get_name() == word; }).empty();
      if (is_hidden) break;
      return RefuseUnknownCommand(*command, argv[i]);
    }
    command = child;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(HelpText(ParsedCommand(app, root)).c_str(), stdout);
    return kExitOk;
  } catch (const CLI::Success& success) {  // CLI11 throws Success for --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return RefuseParse(app, root, error);
  }
  return exit_status;
}

}  // namespace picket
