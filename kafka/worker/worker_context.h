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
#include "kafka/worker/stage.h"
#include "kafka/worker/worker_progress_file.h"
#include "kafka/worker/worker_metrics.h"

namespace picket::kafka {

// Signature of FindCrash (kafka/worker/crash_trial.h).
using CrashFinder = std::function<std::optional<size_t>(size_t count, absl::Duration limit,
                                                        const std::function<void(size_t)>& step)>;

// What a worker gets from outside: Kafka, time, child processes and randomness. Tests replace all
// of it.
struct WorkerEnvironment {
  KafkaClients& clients;
  Clock& clock;
  CrashFinder find_crash;
  uint64_t random_seed = (uint64_t{std::random_device{}()} << 32) | std::random_device{}();
};

// What the parts of one worker have in common.
struct WorkerContext {
  const KafkaConfig& kafka;
  const WorkerEnvironment environment;
  Stage& stage;
  const StageSpec& spec;
  WorkerMetrics& metrics;
  WorkerProgressFile* const steps;  // null: steps are not recorded
  const int number;
  const std::string name;         // group instance id and transactional id
  const std::string group;        // group id
  const std::string input_topic;  // with its prefix

  MonotonicTime Now() const { return environment.clock.MonotonicNow(); }
  KafkaClients& clients() const { return environment.clients; }
  void SetStep(WorkerStep step) const {
    if (steps != nullptr) steps->Set(number, step);
  }
};

}  // namespace picket::kafka
