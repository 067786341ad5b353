#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/picket_config.h"
#include "common/metrics.h"
#include "kafka/worker.h"

namespace picket {

// One of the three services as it is put together from the configuration: `fetch`, `parse`, `detect` and the demo
// all start them here.
enum class ServiceKind { kFetch, kParse, kDetect };

struct ServiceTestOptions {
  std::string step_file;      // see kafka::WorkerOptions
  absl::Duration step_pause;  // see kafka::WorkerOptions
};

// `metrics` and `config` must outlive it. InvalidArgument for what an operator must mend (tenant files, rules folder).
absl::StatusOr<std::unique_ptr<kafka::Workers>> MakeService(ServiceKind kind,
                                                            const PicketConfig& config,
                                                            const ServiceTestOptions& test,
                                                            Metrics& metrics);

}  // namespace picket
