#pragma once

#include <memory>
#include <stop_token>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "common/readiness.h"
#include "kafka/worker/workers.h"

namespace picket {

// The workers of a service, which can be replaced while the process runs. New workers have new
// Kafka clients, and only new clients read certificates, keys and passwords. The old workers commit
// their completed work and keep their partitions (static membership), so the new workers continue
// as after a restart of the process.
// Threads: Run blocks the caller's thread. Any thread may call the other functions.
// Lifetime: `metrics` must outlive the object.
class RestartableWorkers {
 public:
  RestartableWorkers(kafka::WorkerOptions options, kafka::StageFactory factory, Metrics& metrics);

  // Runs workers until a stop is requested, or until workers end by themselves.
  absl::Status Run(const std::stop_token& stop);
  Readiness ReadinessNow() const;
  // Replaces the workers. Does not wait for it.
  void Restart();

 private:
  std::shared_ptr<kafka::Workers> MakeWorkers();

  kafka::WorkerOptions options_;
  const kafka::StageFactory factory_;
  Metrics& metrics_;
  mutable Mutex mu_;
  std::shared_ptr<kafka::Workers> workers_ ABSL_GUARDED_BY(mu_);
  std::stop_source stop_workers_ ABSL_GUARDED_BY(mu_);  // stops `workers_`
};

}  // namespace picket
