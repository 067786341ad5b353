#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/demo/metrics_text.h"
#include "cli/picket_config.h"

namespace picket {

// The three services of a demo, running as threads or as processes.
// Threads: one. Lifetime: the destructor stops them.
class DemoServices {
 public:
  virtual ~DemoServices() = default;
  // The first service that is not ready, and why; empty if all are ready.
  virtual std::string WaitingFor() = 0;
  // The service that has ended without being asked to; empty if all run.
  virtual std::string Failure() = 0;
  virtual MetricsText ReadMetrics() = 0;
};

// Runs them as threads of this process, with the configuration at `config_path`. `embedded`: the
// Kafka servers are an EmbeddedBroker.
absl::StatusOr<std::unique_ptr<DemoServices>> StartServicesInProcess(const std::string& config_path,
                                                                     bool embedded);

// Runs them as processes, `picket fetch|parse|detect`, with configurations and logs in `folder`.
absl::StatusOr<std::unique_ptr<DemoServices>> StartServiceProcesses(const std::string& folder,
                                                                    const std::string& config_text);

}  // namespace picket
