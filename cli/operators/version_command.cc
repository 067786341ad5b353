#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "common/version.h"

namespace picket {

void AddVersion(CLI::App& app, int& exit_status) {
  CLI::App* const command = app.add_subcommand("version", "Print the version");
  command->group(kHelpCommands);
  command->callback([&exit_status] {
    std::printf("picket %s\n", kVersion);
    exit_status = kExitOk;
  });
}

}  // namespace picket
