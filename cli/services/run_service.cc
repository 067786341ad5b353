// `picket fetch`, `picket parse`, `picket detect`: the services.

#include <malloc.h>

#include <cstdio>

#include "cli/commands.h"
#include "cli/picket_config.h"
#include "cli/services/service.h"
#include "cli/stop_signals.h"
#include "common/admin_server.h"
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

// The client of Kafka allocates megabytes for each fetch and each request and frees them soon. Left to itself, the allocator
// gives them back to the kernel, which clears every page of them when they are next asked for.
void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that it takes
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

int RunService(ServiceKind kind, const char* name, const ServiceFlags& flags) {
  KeepFreedMemory();
  StopSignals signals;  // before any thread
  PicketConfig config;
  const std::vector<std::string> faults = LoadPicketConfig(flags.config_path, config);
  for (const std::string& fault : faults) std::fprintf(stderr, "%s\n", fault.c_str());
  if (!faults.empty()) return 2;

  config.parser.duplicate_budget_bytes = flags.duplicate_budget_bytes;
  Metrics metrics;
  const absl::StatusOr<std::unique_ptr<Service>> service =
      MakeService(kind, config, flags.test, metrics);
  if (!service.ok()) {
    std::fprintf(stderr, "picket %s: %s\n", name, std::string(service.status().message()).c_str());
    return 2;
  }
  const absl::StatusOr<std::unique_ptr<AdminServer>> admin = AdminServer::Start(
      config.admin.listen, metrics, [&] { return (*service)->ReadinessNow(); },
      (*service)->Pages());
  if (!admin.ok()) {
    std::fprintf(stderr, "admin.listen: %s\n", std::string(admin.status().message()).c_str());
    return 2;
  }
  LogInfo("service_started", {{"service", name},
                              {"version", kVersion},
                              {"admin_port", (*admin)->port()},
                              {"kafka", config.kafka.bootstrap_servers}});
  const absl::Status status = (*service)->Run(signals.token());
  if (!status.ok()) {
    LogError("service_failed", {{"service", name}, {"error", status}});
    return 2;
  }
  LogInfo("service_stopped", {{"service", name}});
  return 0;
}

void AddService(CLI::App& app, int& exit_status, ServiceKind kind, const char* name,
                const char* description) {
  CLI::App* const command = app.add_subcommand(name, description);
  auto flags = std::make_shared<ServiceFlags>();
  command->add_option("--config", flags->config_path, "The configuration file, picket.yaml")
      ->required();
  command->add_option("--step-file", flags->test.step_file)->group("");  // for kill tests
  command->add_option("--duplicate-budget-bytes", flags->duplicate_budget_bytes)->group("");
  command->callback(
      [&exit_status, kind, name, flags] { exit_status = RunService(kind, name, *flags); });
}

}  // namespace

void AddServices(CLI::App& app, int& exit_status) {
  AddService(app, exit_status, ServiceKind::kFetch, "fetch",
             "Service: collect the audit log of every tenant into the topic raw");
  AddService(app, exit_status, ServiceKind::kParse, "parse",
             "Service: turn the content blobs of raw into OCSF events");
  AddService(app, exit_status, ServiceKind::kDetect, "detect",
             "Service: evaluate the rules on the events and raise alerts");
}

}  // namespace picket
