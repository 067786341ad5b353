#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/picket_config.h"
#include "cli/services/reload_report.h"
#include "cli/services/service.h"
#include "cli/stop_signals.h"
#include "http/admin_server.h"

namespace picket {

// Where a service's configuration comes from.
struct ConfigOrigin {
  std::string path;                       // the file that was read at the start
  bool is_named = false;                  // the path was given with --config
  std::vector<ConfigOverride> overrides;  // options of the command line
};

// Reads the configuration of a running service again, applies what can change without a restart,
// and names in the log what has changed and what needs a restart. If the file has an error, the old
// configuration stays in force.
// Threads: One thread calls Reload or Run. Lifetime: `running`, `service` and `admin` must outlive
// the object.
class Reloader {
 public:
  // `running` is the configuration that the service was started with, and `token` is the page token
  // that `admin` was started with. The constructor does not read the token from its file, because
  // the file may have changed since.
  Reloader(ConfigOrigin origin, const PicketConfig& running, ServiceKind kind, Service& service,
           http::AdminServer& admin, std::string token);

  ReloadReport Reload();

  // Reloads and logs after each SIGHUP, until a stop is requested.
  void Run(StopSignals& signals, const std::stop_token& stop);

 private:
  void CompareSettings(PicketConfig& fresh, ReloadReport& report);
  void ApplyAdmin(const AdminConfig& fresh, ReloadReport& report);
  // Reports which files with secrets and certificates have changed. If a file of the Kafka clients
  // has changed and a trial connection succeeds, replaces these clients.
  void CompareFiles(ReloadReport& report);

  const ConfigOrigin origin_;
  PicketConfig running_;
  const ServiceKind kind_;
  Service& service_;
  http::AdminServer& admin_;
  AdminConfig admin_in_force_;
  std::string token_;
  std::map<std::string, std::string> digests_;  // of files, indexed by the option that names them
};

}  // namespace picket
