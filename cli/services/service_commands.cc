// `picket fetch`, `picket parse` and `picket detect` each run a service.

#include <malloc.h>

#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/exit_status.h"
#include "cli/services/build_info.h"
#include "cli/services/service.h"
#include "cli/stop_signals.h"
#include "common/log.h"
#include "common/strings.h"
#include "common/version.h"

namespace picket {
namespace {

struct ServiceFlags {
  std::string config_path;
  ServiceTestOptions test;
  int64_t duplicate_budget_bytes = 0;
};

// Keeps freed memory in the process. The Kafka client allocates megabytes for each fetch and each
// request, and frees them soon afterwards. By default, the allocator returns such memory to the
// kernel, which must clear every page again at the next allocation.
void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest value that mallopt accepts
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

int RunService(ServiceKind kind, const char* name, const ServiceFlags& flags) {
  KeepFreedMemory();
  StopSignals signals;  // must be constructed before any thread starts
  PicketConfig config;
  const std::string command = absl::StrCat("picket ", name);
  if (!ReadCommandConfig(command, flags.config_path, config)) return kExitWrongUsage;

  config.parser.duplicate_budget_bytes = flags.duplicate_budget_bytes;
  Metrics metrics;
  ExportBuildInfo(metrics);
  const absl::StatusOr<std::unique_ptr<Service>> service =
      MakeService(kind, config, flags.test, metrics);
  if (!service.ok()) {
    std::fprintf(stderr, "%s: %s\n", command.c_str(),
                 std::string(service.status().message()).c_str());
    return kExitWrongUsage;
  }
  const absl::StatusOr<std::unique_ptr<http::AdminServer>> admin = http::AdminServer::Start(
      {.listen = config.admin.listen, .page_token = ""}, metrics,
      [&] { return (*service)->ReadinessNow(); }, (*service)->Pages());
  if (!admin.ok()) {
    std::fprintf(stderr, "%s: admin.listen: %s\n", command.c_str(),
                 std::string(admin.status().message()).c_str());
    return kExitWrongUsage;
  }
  LogInfo("service_started", {{"service", name},
                              {"version", kVersion},
                              {"admin_port", (*admin)->port()},
                              {"kafka", config.kafka.bootstrap_servers}});
  const absl::Status status = (*service)->Run(signals.token());
  if (!status.ok()) {
    LogError("service_failed", {{"service", name}, {"error", status}});
    return kExitWrongUsage;
  }
  LogInfo("service_stopped", {{"service", name}});
  return kExitOk;
}

void AddService(CLI::App& app, int& exit_status, ServiceKind kind, const char* name,
                const char* description) {
  CLI::App* const command = app.add_subcommand(name, description);
  command->group(kServiceCommands);
  auto flags = std::make_shared<ServiceFlags>();
  command->add_option("--config", flags->config_path, kConfigOptionHelp)->type_name("FILE");
  command->add_option("--progress-file", flags->test.progress_file)->group("");  // for kill tests
  command->add_option("--duplicate-budget-bytes", flags->duplicate_budget_bytes)->group("");
  command->callback(
      [&exit_status, kind, name, flags] { exit_status = RunService(kind, name, *flags); });
}

}  // namespace

void AddServices(CLI::App& app, int& exit_status) {
  AddService(app, exit_status, ServiceKind::kFetch, "fetch",
             "Collect the audit log of every tenant into the topic `raw`");
  AddService(app, exit_status, ServiceKind::kParse, "parse",
             "Turn the audit records of the topic `raw` into OCSF events");
  AddService(app, exit_status, ServiceKind::kDetect, "detect",
             "Evaluate the rules on the events and raise alerts");
}

}  // namespace picket
