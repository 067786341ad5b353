#pragma once

// The commands of `picket`. Each function AddX adds the command X and its options to the
// application. If the user chooses X, the command's callback sets `exit_status`
// (cli/exit_status.h).
//
// Each command is defined in a file <name>_command.cc. The files are grouped into folders by the
// users of the commands, such as `rules` and `operators`.

namespace CLI {
class App;
}

namespace picket {

// Adds all commands below, in the order in which the help lists them (cli/commands.cc).
void AddAllCommands(CLI::App& app, int& exit_status);

void AddServices(CLI::App& app, int& exit_status);  // the commands fetch, parse and detect
void AddNormalize(CLI::App& app, int& exit_status);
void AddReplay(CLI::App& app, int& exit_status);
void AddRules(CLI::App& app, int& exit_status);    // sub-commands: check, list, test, coverage, …
void AddMapping(CLI::App& app, int& exit_status);  // sub-commands: list, explain
void AddConfig(CLI::App& app, int& exit_status);   // sub-commands: check, reference
void AddMetrics(CLI::App& app, int& exit_status);
void AddTopics(CLI::App& app, int& exit_status);  // sub-commands: create, check
void AddDemo(CLI::App& app, int& exit_status);
void AddSimulate(CLI::App& app, int& exit_status);
void AddVersion(CLI::App& app, int& exit_status);

// The headings under which `picket help` lists the commands.
inline constexpr char kServiceCommands[] = "Services";
inline constexpr char kInvestigationCommands[] = "Investigate exported audit records";
inline constexpr char kRuleCommands[] = "Write and check rules";
inline constexpr char kOperatorCommands[] = "Operate";
inline constexpr char kDemoCommands[] = "Try Picket out";
inline constexpr char kHelpCommands[] = "Help";

}  // namespace picket
