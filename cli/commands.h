#pragma once

// The subcommands of `picket`, one file each: AddX puts the command's options on the application and, when it is chosen,
// sets `exit_status` (0 done, 1 found something wrong in the data, 2 wrong usage or configuration).

#include <CLI/CLI.hpp>
#include <functional>

namespace picket {

using AddCommand = std::function<void(CLI::App& app, int& exit_status)>;

void AddConfig(CLI::App& app, int& exit_status);
void AddDemo(CLI::App& app, int& exit_status);
void AddServices(CLI::App& app, int& exit_status);  // fetch, parse, detect
void AddSimulate(CLI::App& app, int& exit_status);
void AddRules(CLI::App& app, int& exit_status);
void AddTopics(CLI::App& app, int& exit_status);
void AddMapping(CLI::App& app, int& exit_status);
void AddNormalize(CLI::App& app, int& exit_status);
void AddReplay(CLI::App& app, int& exit_status);
void AddVersion(CLI::App& app, int& exit_status);

}  // namespace picket
