#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "kafka/config.h"
#include "kafka/io.h"
#include "kafka/process_id.h"
#include "kafka/worker/stage.h"
#include "kafka/worker/worker_metrics.h"
#include "kafka/worker/worker_progress_file.h"

namespace picket::kafka {

// The signature of FindCrash (kafka/worker/crash_trial.h).
using CrashFinder = std::function<std::optional<size_t>(size_t count, absl::Duration limit,
                                                        const std::function<void(size_t)>& step)>;

// What a worker uses from outside, namely Kafka, time, child processes and randomness. Tests
// replace all of them.
struct WorkerEnvironment {
  KafkaClients& clients;
  Clock& clock;
  CrashFinder find_crash;
  ProcessId process;
  uint64_t random_seed = (uint64_t{std::random_device{}()} << 32) | std::random_device{}();
};

// The data that the parts of one worker share.
struct WorkerContext {
  const KafkaConfig& kafka;
  const WorkerEnvironment environment;
  Stage& stage;
  const StageSpec& spec;
  WorkerMetrics& metrics;
  WorkerProgressFile* const steps;  // null if steps are not recorded
  const int number;
  const std::string name;         // used as the group instance id and the transactional id
  const std::string group;        // the group id
  const std::string input_topic;  // including the prefix

  MonotonicTime Now() const { return environment.clock.MonotonicNow(); }
  KafkaClients& clients() const { return environment.clients; }
  void SetStep(WorkerStep step) const {
    if (steps != nullptr) steps->Set(number, step);
  }
};

}  // namespace picket::kafka
