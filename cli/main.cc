#include <CLI/CLI.hpp>

#include "cli/commands.h"

int main(int argc, char** argv) {
  CLI::App app("Picket watches the Microsoft 365 audit log of every tenant you look after.",
               "picket");
  app.require_subcommand(1);
  int exit_status = 0;
  picket::AddServices(app, exit_status);
  picket::AddDemo(app, exit_status);
  picket::AddReplay(app, exit_status);
  picket::AddMapping(app, exit_status);
  picket::AddNormalize(app, exit_status);
  picket::AddRules(app, exit_status);
  picket::AddTopics(app, exit_status);
  picket::AddSimulate(app, exit_status);
  picket::AddConfig(app, exit_status);
  picket::AddVersion(app, exit_status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // CLI11's own codes all mean wrong usage
  }
  return exit_status;
}
