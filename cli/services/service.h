#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "cli/picket_config.h"
#include "common/admin_server.h"
#include "common/metrics.h"
#include "kafka/worker/worker.h"

namespace picket {

// One of the three services as it is put together from the configuration: `fetch`, `parse`, `detect` and the demo
// all start them here.
enum class ServiceKind { kFetch, kParse, kDetect };

struct ServiceTestOptions {
  std::string step_file;  // see kafka::WorkerOptions
};

// A service that has been put together and not yet started.
// Threads: Run on the caller's; the rest from any. Lifetime: `metrics` and `config` outlive it.
class Service {
 public:
  virtual ~Service() = default;
  // Until a stop is asked for (Ok) or an operator must act.
  virtual absl::Status Run(std::stop_token stop) = 0;
  virtual Readiness ReadinessNow() const = 0;
  // What the admin server shows beside the metrics: path → JSON.
  virtual AdminPages Pages() const = 0;
};

// InvalidArgument for what an operator must mend (tenant files).
absl::StatusOr<std::unique_ptr<Service>> MakeService(ServiceKind kind, const PicketConfig& config,
                                                     const ServiceTestOptions& test,
                                                     Metrics& metrics);

}  // namespace picket
