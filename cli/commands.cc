#include "cli/commands.h"

namespace picket {

void AddAllCommands(CLI::App& app, int& exit_status) {
  AddServices(app, exit_status);
  AddNormalize(app, exit_status);
  AddReplay(app, exit_status);
  AddRules(app, exit_status);
  AddMapping(app, exit_status);
  AddConfig(app, exit_status);
  AddMetrics(app, exit_status);
  AddTopics(app, exit_status);
  AddDemo(app, exit_status);
  AddSimulate(app, exit_status);
  AddVersion(app, exit_status);
}

}  // namespace picket
