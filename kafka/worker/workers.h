#pragma once

// Defines the workers of a stage. A worker is a member of the stage's group. It consists of one
// thread with one consumer, one transactional producer and the state of its partitions. A worker
// processes its partitions with a Stage, exactly once.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "common/readiness.h"
#include "kafka/config.h"
#include "kafka/io.h"
#include "kafka/topic_use.h"
#include "kafka/worker/stage.h"

namespace picket::kafka {

// The step that a worker has reached. A test that kills the process reads the last step afterwards.
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
  // The topics that the stage uses (kafka/topic_use.h). Only these are checked. If empty, all
  // topics are checked.
  std::vector<TopicUse> uses;

  // The file in which each worker records its WorkerStep (kafka/worker/worker_progress_file.h), for
  // tests that kill the process. If empty, steps are not recorded.
  std::string progress_file;
};

// Creates the stage of one worker. `worker` is the index of the worker. Workers calls this on the
// thread that calls Workers::Run.
using StageFactory = std::function<std::unique_ptr<Stage>(int worker)>;

// All workers of one stage in this process. Retries every retryable operation indefinitely, with
// back-off, and logs the errors. Run ends early only if an operator must act, for example because
// the configuration is invalid, a topic has a different partition count, a topic with state has a
// different cleanup policy, or two processes use the same instance name. If a topic that the stage
// needs is missing at the start, Run waits, and the service is not ready.
// Threads: Run blocks the caller's thread. Any thread may call the other functions.
class Workers {
 public:
  // `metrics` must outlive the object. The names of the metrics have the form
  // picket_<name>{stage=…}.
  Workers(WorkerOptions options, StageFactory factory, Metrics& metrics);
  // Uses `clients` instead of librdkafka's clients, and `clock` instead of the system clock. Both
  // must outlive the object.
  Workers(WorkerOptions options, StageFactory factory, Metrics& metrics, KafkaClients& clients,
          Clock& clock);
  ~Workers();

  // Runs until a stop is requested. Then commits the completed work, keeps the group's assignment
  // for the restart (static membership) and returns Ok.
  absl::Status Run(const std::stop_token& stop);

  // Replaces the Kafka clients of the running workers, because only new clients read certificates,
  // keys and passwords. The workers commit their completed work, keep their partitions (static
  // membership) and continue with new stages, as after a restart of the process. The running
  // workers have shown that the configuration is valid. So, unlike at the start, they retry if a
  // client cannot be created, and they do not wait for a check of the topics. Restart returns
  // before the replacement is complete.
  void Restart();

  // Replaces WorkerOptions::uses, and checks the topics soon.
  void SetUses(std::vector<TopicUse> uses);

  // Returns ready if the topics and every worker allow processing. Otherwise returns a reason.
  Readiness ReadinessNow() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::kafka
