#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/demo/metrics_text.h"
#include "cli/picket_config.h"

namespace picket {

// The three services of a demo. They run as threads or as processes.
// Threads: One thread uses an instance. Lifetime: the destructor stops the services.
class DemoServices {
 public:
  virtual ~DemoServices() = default;
  // Returns the name of the first service that is not ready, followed by the reason. Returns an
  // empty string if all services are ready.
  virtual std::string WaitingFor() = 0;
  // Returns the name of a service that has failed, followed by the error or the path of its log.
  // Returns an empty string if no service has failed.
  virtual std::string Failure() = 0;
  virtual MetricsText ReadMetrics() = 0;
};

// Runs the services as threads of this process, with the configuration at `config_path`. `embedded`
// must be true if the bootstrap server in the configuration is an EmbeddedBroker
// (kafka/embedded_broker.h), and false if it belongs to a real Kafka.
absl::StatusOr<std::unique_ptr<DemoServices>> StartServicesInProcess(const std::string& config_path,
                                                                     bool embedded);

// Runs the services as the processes `picket fetch`, `picket parse` and `picket detect`, with their
// configurations and logs in `folder`.
absl::StatusOr<std::unique_ptr<DemoServices>> StartServiceProcesses(const std::string& folder,
                                                                    const std::string& config_text);

}  // namespace picket
