#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/demo/demo.h"
#include "cli/exit_status.h"
#include "common/descriptors.h"

namespace picket {
namespace {

int Run(const DemoOptions& options) {
  RaiseDescriptorLimit();
  StopSignals signals;  // must be constructed before any thread starts
  const absl::StatusOr<int> result = RunDemo(options, signals);
  if (result.ok()) return *result;
  std::fprintf(stderr, "picket demo: %s\n", std::string(result.status().message()).c_str());
  return absl::IsCancelled(result.status()) ? kExitOk : kExitWrongUsage;
}

}  // namespace

void AddDemo(CLI::App& app, int& exit_status) {
  CLI::App* const command =
      app.add_subcommand("demo", "Watch Picket find the attacks on simulated tenants");
  command->group(kDemoCommands);
  const auto options = std::make_shared<DemoOptions>();
  command->add_option("--seed", options->seed, "The same seed gives the same records and attacks");
  command->add_option("--tenants", options->tenants, "Number of simulated tenants")
      ->check(CLI::Range(1, 16));
  command->add_option("--records", options->records, "Number of audit records of each tenant")
      ->check(CLI::Range(500, 1000000));
  command
      ->add_option("--seconds", options->seconds, "Seconds in which the tenants' whole day passes")
      ->check(CLI::Range(1.0, 86400.0));
  command->add_flag("--forever", options->forever, "Continue until stopped");
  command->add_option("--stats", options->stats_path, "Write the summary to this file, as JSON")
      ->type_name("FILE");
  command
      ->add_option("--rules", options->rules,
                   "A rule file or a folder of rules, instead of the built-in rules")
      ->check(CLI::ExistingPath);
  command
      ->add_option("--level", options->level,
                   "Show alerts of this level and above; count the others")
      ->check(CLI::IsMember(std::vector<std::string>(kAlertLevels.begin(), kAlertLevels.end())));
  command->add_option("--kafka", options->kafka,
                      "Bootstrap servers of a real Kafka; the services then run as processes");
  command->callback([&exit_status, options] { exit_status = Run(*options); });
}

}  // namespace picket
