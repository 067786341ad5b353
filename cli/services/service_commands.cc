// Defines `picket fetch`, `picket parse` and `picket detect`, which each run a service.

#include <malloc.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/exit_status.h"
#include "cli/services/admin_token.h"
#include "cli/services/build_info.h"
#include "cli/services/reloader.h"
#include "cli/services/service.h"
#include "cli/stop_signals.h"
#include "common/descriptors.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "common/version.h"

namespace picket {
namespace {

struct ServiceFlags {
  std::string config_path;
  std::string listen;
  std::string instance;
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

constexpr int kFirstDefaultPort = 9464;

int DefaultPort(ServiceKind kind) { return kFirstDefaultPort + static_cast<int>(kind); }

int Refuse(const std::string& command, const absl::Status& status) {
  std::fprintf(stderr, "%s: %s\n", command.c_str(), std::string(status.message()).c_str());
  return kExitWrongUsage;
}

// Starts the admin server at admin.listen, or at the service's default port if admin.listen is not
// set. A port in use is an error, because a monitoring system would otherwise read the pages of
// another process. If neither admin.listen nor admin.token_file is set, the service takes a free
// port instead, so that several processes can run without these settings.
absl::StatusOr<std::unique_ptr<http::AdminServer>> StartAdmin(ServiceKind kind,
                                                              const AdminConfig& config,
                                                              const std::string& token,
                                                              const Metrics& metrics,
                                                              Service& service) {
  http::AdminOptions options;
  options.page_token = token;
  options.listen =
      config.listen.empty() ? absl::StrCat("127.0.0.1:", DefaultPort(kind)) : config.listen;
  const auto start = [&] {
    return http::AdminServer::Start(
        options, metrics, [&service] { return service.ReadinessNow(); }, service.Pages());
  };
  auto admin = start();
  const bool is_unset = config.listen.empty() && config.token_file.empty();
  if (absl::IsAlreadyExists(admin.status()) && is_unset) {
    LogWarning("default_port_in_use",
               {{"port", DefaultPort(kind)},
                {"advice", "this process uses a free port; choose one with --listen"}});
    options.listen = "127.0.0.1:0";
    admin = start();
  }
  if (admin.ok()) return admin;
  std::string message = absl::StrCat("admin.listen: ", admin.status().message());
  if (absl::IsAlreadyExists(admin.status())) {
    absl::StrAppend(&message, "; give this service another one with --listen HOST:PORT");
  }
  return absl::Status(admin.status().code(), message);
}

int RunService(ServiceKind kind, const ServiceFlags& flags) {
  KeepFreedMemory();
  StopSignals signals(Hangup::kRequestsReload);  // must be constructed before any thread starts
  PicketConfig config;
  const std::string command = absl::StrCat("picket ", NameOf(kind));
  ConfigOrigin origin;
  origin.is_named = !flags.config_path.empty();
  if (!flags.listen.empty()) {
    origin.overrides.push_back({"--listen", "admin.listen", flags.listen});
  }
  if (!flags.instance.empty()) {
    origin.overrides.push_back({"--instance", "kafka.instance", flags.instance});
  }
  const std::optional<std::string> path =
      ReadCommandConfig(command, flags.config_path, config, origin.overrides);
  if (!path.has_value()) return kExitWrongUsage;
  origin.path = *path;
  RaiseDescriptorLimit();

  config.parser.duplicate_budget_bytes = flags.duplicate_budget_bytes;
  Metrics metrics;
  ExportBuildInfo(metrics);
  const absl::StatusOr<std::unique_ptr<Service>> service =
      MakeService(kind, config, flags.test, metrics);
  if (!service.ok()) return Refuse(command, service.status());
  const absl::StatusOr<std::string> token = ReadAdminToken(config.admin.token_file);
  if (!token.ok()) return Refuse(command, token.status());
  const absl::StatusOr<std::unique_ptr<http::AdminServer>> admin =
      StartAdmin(kind, config.admin, *token, metrics, **service);
  if (!admin.ok()) return Refuse(command, admin.status());
  LogInfo("service_started", {{"service", NameOf(kind)},
                              {"version", kVersion},
                              {"instance", config.kafka.instance},
                              {"admin_port", (*admin)->port()},
                              {"kafka", config.kafka.bootstrap_servers}});
  Reloader reloader(std::move(origin), config, kind, **service, **admin, *token);
  absl::Status status;
  {
    const std::jthread reloading([&](const std::stop_token& stop) { reloader.Run(signals, stop); });
    status = (*service)->Run(signals.token());
  }
  if (!status.ok()) {
    LogError("service_failed", {{"service", NameOf(kind)}, {"error", status}});
    return kExitWrongUsage;
  }
  LogInfo("service_stopped", {{"service", NameOf(kind)}});
  return kExitOk;
}

void AddService(CLI::App& app, int& exit_status, ServiceKind kind, const char* description) {
  CLI::App* const command = app.add_subcommand(NameOf(kind), description);
  command->group(kServiceCommands);
  auto flags = std::make_shared<ServiceFlags>();
  command->add_option("--config", flags->config_path, kConfigOptionHelp)->type_name("FILE");
  command
      ->add_option("--listen", flags->listen,
                   "Address of the pages /metrics, /healthz and /readyz, instead of admin.listen")
      ->type_name("HOST:PORT");
  command
      ->add_option("--instance", flags->instance,
                   "Name of this process among those of its stage, instead of kafka.instance")
      ->type_name("NAME");
  command->add_option("--progress-file", flags->test.progress_file)
      ->group("");  // for tests that kill the service
  command->add_option("--duplicate-budget-bytes", flags->duplicate_budget_bytes)->group("");
  command->callback([&exit_status, kind, flags] { exit_status = RunService(kind, *flags); });
}

}  // namespace

void AddServices(CLI::App& app, int& exit_status) {
  AddService(app, exit_status, ServiceKind::kFetch,
             "Collect the audit log of every tenant into the topic `raw`");
  AddService(app, exit_status, ServiceKind::kParse,
             "Turn the audit records of the topic `raw` into OCSF events");
  AddService(app, exit_status, ServiceKind::kDetect,
             "Evaluate the rules on the events and raise alerts");
}

}  // namespace picket
