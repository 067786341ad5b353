#pragma once

// The workers of a stage. One worker is one thread with one consumer, one transactional producer
// and the state of its partitions: one member of the stage's group. It runs a Stage exactly once
// over its partitions.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "common/admin_server.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "kafka/config.h"
#include "kafka/io.h"
#include "kafka/worker/stage.h"

namespace picket::kafka {

// The step that a worker has reached. A kill test reads it after the process is dead.
enum class WorkerStep : uint8_t {
  kStarting,
  kPolling,
  kProducing,
  kOffsetsSent,
  kCommitting,
  kRestoring,
  kStopped,
};

struct WorkerOptions {
  int workers = 1;
  KafkaConfig kafka;
  TopicsConfig topics;

  // For kill tests: the file in which each worker keeps its WorkerStep (kafka/worker/worker_progress_file.h).
  // Empty: none.
  std::string progress_file;
};

// Called with the worker's number, on the thread that calls Workers::Run.
using StageFactory = std::function<std::unique_ptr<Stage>(int worker)>;

// All workers of one stage in this process. Retries what can be retried for ever, with back-off and
// a log line. Ends early only if an operator must act (a topic is missing or has another partition
// count; two processes use one instance name).
// Threads: Run on the caller's; ReadinessNow from any.
class Workers {
 public:
  // `metrics` must outlive it. Metric names: picket_<what>{stage=…}.
  Workers(WorkerOptions options, StageFactory factory, Metrics& metrics);
  // With other clients than librdkafka's, and with another clock. Both must outlive it.
  Workers(WorkerOptions options, StageFactory factory, Metrics& metrics, KafkaClients& clients,
          Clock& clock);
  ~Workers();

  // Runs until a stop is requested. Then commits what is complete, keeps the group's assignment for
  // the restart (static membership) and returns Ok.
  absl::Status Run(const std::stop_token& stop);

  // Ready when every worker has an assignment and nothing is being restored.
  Readiness ReadinessNow() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::kafka
