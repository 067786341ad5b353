#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "cli/picket_config.h"
#include "cli/services/reload_report.h"
#include "common/metrics.h"
#include "common/readiness.h"
#include "http/admin_server.h"

namespace picket {

// The three services. `picket fetch`, `parse`, `detect` and `demo` create these services with
// MakeService.
enum class ServiceKind { kFetch, kParse, kDetect };

struct ServiceTestOptions {
  std::string progress_file;  // see kafka::WorkerOptions
};

// A service created from the configuration. The service does nothing until Run is called.
// Threads: Run uses the caller's thread. Any thread may call the other functions.
// Lifetime: `metrics` and `config` must outlive the service.
class Service {
 public:
  virtual ~Service() = default;
  // Runs the service. Returns OK if a stop is requested, and an error if an operator must act.
  virtual absl::Status Run(std::stop_token stop) = 0;
  virtual Readiness ReadinessNow() const = 0;
  // Returns the pages that this service adds to the admin server. The result maps the path of each
  // page to a function that returns JSON.
  virtual http::AdminPages Pages() const = 0;

  // Reads the rules, the tenants' files and their secrets again, as far as the service uses them,
  // and describes in `report` what has changed. Settings with errors stay as they were. Call this
  // function on one thread at a time.
  virtual void Reload(ReloadReport& report) = 0;
  // Replaces the Kafka clients, so that they read certificates and passwords again. Does not wait
  // for the new clients.
  virtual void RestartClients() = 0;
};

// Returns the name of the service's command, such as "fetch".
const char* NameOf(ServiceKind kind);

// Creates a service.
// Failure: returns an error if an operator must correct something, such as a tenant's file.
absl::StatusOr<std::unique_ptr<Service>> MakeService(ServiceKind kind, const PicketConfig& config,
                                                     const ServiceTestOptions& test,
                                                     Metrics& metrics);

}  // namespace picket
