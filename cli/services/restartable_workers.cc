#include "cli/services/restartable_workers.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/log.h"
#include "kafka/process_id.h"

namespace picket {

RestartableWorkers::RestartableWorkers(kafka::WorkerOptions options, kafka::StageFactory factory,
                                       Metrics& metrics)
    : options_(std::move(options)), factory_(std::move(factory)), metrics_(metrics) {
  if (!options_.process.has_value()) options_.process = kafka::MakeProcessId(absl::Now());
  workers_ = MakeWorkers();
}

std::shared_ptr<kafka::Workers> RestartableWorkers::MakeWorkers() {
  return std::make_shared<kafka::Workers>(options_, factory_, metrics_);
}

absl::Status RestartableWorkers::Run(const std::stop_token& stop) {
  while (true) {
    std::shared_ptr<kafka::Workers> workers;
    std::stop_source stop_workers(std::nostopstate);
    {
      MutexLock lock(mu_);
      workers = workers_;
      stop_workers = stop_workers_;
    }
    {
      const std::stop_callback on_stop(stop, [&] { stop_workers.request_stop(); });
      absl::Status status = workers->Run(stop_workers.get_token());
      if (!status.ok() || stop.stop_requested()) return status;
    }
    LogInfo("kafka_clients_replaced");
    // The old workers end before the new ones begin, because both have the same names.
    workers.reset();
    MutexLock lock(mu_);
    workers_.reset();
    workers_ = MakeWorkers();
    stop_workers_ = std::stop_source();
  }
}

Readiness RestartableWorkers::ReadinessNow() const {
  std::shared_ptr<kafka::Workers> workers;
  {
    MutexLock lock(mu_);
    workers = workers_;
  }
  return workers->ReadinessNow();
}

void RestartableWorkers::Restart() {
  std::stop_source stop_workers(std::nostopstate);
  {
    MutexLock lock(mu_);
    stop_workers = stop_workers_;
  }
  stop_workers.request_stop();
}

}  // namespace picket
