#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/demo/metrics_text.h"
#include "cli/picket_config.h"

namespace picket {

// The three stages of a demo, wherever they run.
class DemoStages {
 public:
  virtual ~DemoStages() = default;
  // Empty when all are ready; else the reason of the first that is not.
  virtual std::string WaitingFor() = 0;
  // What has ended though nobody asked it to; empty when all run.
  virtual std::string Failure() = 0;
  virtual MetricsText ReadMetrics() = 0;
};

// As threads of this process, with the configuration at `config_path`; `embedded` when the servers are an EmbeddedBroker.
absl::StatusOr<std::unique_ptr<DemoStages>> StartStagesInProcess(const std::string& config_path,
                                                                 bool embedded);

// As processes of their own, `picket fetch|parse|detect`; configuration and logs in `folder`.
absl::StatusOr<std::unique_ptr<DemoStages>> StartStageProcesses(const std::string& folder,
                                                                const std::string& config_text);

}  // namespace picket
