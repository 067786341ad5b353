#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "cli/picket_config.h"
#include "common/admin_server.h"
#include "common/metrics.h"
#include "kafka/worker/workers.h"

namespace picket {

// The three services. `picket fetch`, `parse`, `detect` and `demo` make them with MakeService.
enum class ServiceKind { kFetch, kParse, kDetect };

struct ServiceTestOptions {
  std::string progress_file;  // see kafka::WorkerOptions
};

// A service made from the configuration. It does nothing before Run.
// Threads: Run uses the caller's thread; the other functions may be called from any thread.
// Lifetime: `metrics` and `config` outlive it.
class Service {
 public:
  virtual ~Service() = default;
  // Runs until a stop is requested (returns OK) or until an operator must act (returns an error).
  virtual absl::Status Run(std::stop_token stop) = 0;
  virtual Readiness ReadinessNow() const = 0;
  // Pages of the admin server in addition to the metrics: path → function that returns JSON.
  virtual AdminPages Pages() const = 0;
};

// Failure: InvalidArgument if an operator must correct something, such as a tenant's file.
absl::StatusOr<std::unique_ptr<Service>> MakeService(ServiceKind kind, const PicketConfig& config,
                                                     const ServiceTestOptions& test,
                                                     Metrics& metrics);

}  // namespace picket
