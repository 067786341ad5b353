#include "common/version.h"

#include <cstdio>

#include "cli/commands.h"

namespace picket {

void AddVersion(CLI::App& app, int& exit_status) {
  app.add_subcommand("version", "Print the version")->callback([&exit_status] {
    std::printf("picket %s\n", kVersion);
    exit_status = 0;
  });
}

}  // namespace picket
