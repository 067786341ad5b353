// `picket config check|reference`

#include "common/config.h"

#include <cstdio>

#include "cli/commands.h"
#include "cli/picket_config.h"
#include "m365/tenant_config.h"

namespace picket {
namespace {

int CheckConfig(const std::string& path) {
  PicketConfig config;
  std::vector<std::string> faults = LoadPicketConfig(path, config);
  if (faults.empty() && !config.tenants_dir.empty()) {
    faults = m365::LoadTenants(config.tenants_dir).faults;
  }
  for (const std::string& fault : faults) std::fprintf(stderr, "%s\n", fault.c_str());
  if (!faults.empty()) return 2;
  std::printf("%s: ok\n", path.c_str());
  return 0;
}

int PrintReference() {
  PicketConfig config;
  const std::string options =
      DocumentConfig("picket.yaml", [&](ConfigVisitor& visitor) { Describe(visitor, config); });
  m365::TenantConfig tenant;
  const std::string tenants = DocumentConfig(
      "tenants.d/*.yaml", [&](ConfigVisitor& visitor) { Describe(visitor, tenant); });
  std::printf(
      "<!-- Made by `picket config reference`; a test holds it against the code. -->\n\n%s\n%s",
      options.c_str(), tenants.c_str());
  return 0;
}

}  // namespace

void AddConfig(CLI::App& app, int& exit_status) {
  CLI::App* const command = app.add_subcommand("config", "The configuration file");
  command->require_subcommand(1);
  auto path = std::make_shared<std::string>("picket.yaml");
  CLI::App* const check = command->add_subcommand(
      "check", "Check a configuration, the tenants and every file it names; print all faults");
  check->add_option("--config", *path, "The configuration file, picket.yaml")->required();
  check->callback([&exit_status, path] { exit_status = CheckConfig(*path); });
  CLI::App* const reference = command->add_subcommand(
      "reference", "Print every option as Markdown (docs/configuration.md)");
  reference->callback([&exit_status] { exit_status = PrintReference(); });
}

}  // namespace picket
