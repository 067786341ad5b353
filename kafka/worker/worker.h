#pragma once

// Workers: one thread = one consumer + one transactional producer + the state of its partitions = one member of the
// stage's group. Runs a Stage exactly once over its partitions.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/admin_server.h"
#include "common/metrics.h"
#include "kafka/config.h"
#include "kafka/worker/stage.h"

namespace picket::kafka {

// Where a worker stands; what a kill test reads after the process is dead.
enum class WorkerStep : uint8_t {
  kStarting,
  kPolling,
  kProducing,
  kOffsetsSent,
  kCommitting,
  kRestoring,
  kStopped,
};

// Calls of a transaction where a test may interfere.
enum class TransactionCall : uint8_t { kBegin, kProduce, kFlush, kSendOffsets, kCommit };

// What a test does after a call.
enum class Interference : uint8_t {
  kNone,
  kAbort,        // abort the transaction and rewind
  kLoseAnswer,   // kCommit only: it is made, its outcome treated as unknown
  kLoseRequest,  // kCommit only: it is not made, its outcome treated as unknown
  kCrash,        // abort() the process
};

struct WorkerOptions {
  int workers = 1;
  KafkaConfig kafka;
  TopicsConfig topics;

  // For tests only.
  std::function<Interference(TransactionCall)> interfere;
  // Leaves out one step of a partition's start (docs/exactly-once.md §3), to show that each is needed.
  bool skip_barrier = false;          // do not wait for the predecessor's transaction
  bool skip_uncommitted_end = false;  // take the changelog's end from a read_committed handle
  bool skip_restore = false;          // do not read the changelog
  // File that each worker keeps its WorkerStep in, one byte a worker, by shared memory mapping. Empty: none.
  std::string step_file;
  // Holds every step of a transaction for so long, so that a kill can be aimed at it.
  absl::Duration step_pause;
};

// Called with the worker's number, on the worker's thread.
using StageFactory = std::function<std::unique_ptr<Stage>(int worker)>;

// The workers of one stage in this process. Retries what can be retried, with back-off and a log line, for ever; ends
// early only where an operator must act (topics missing or of another partition count, instance name in use twice).
// Threads: Run on the caller's; ReadinessNow from any.
class Workers {
 public:
  // `metrics` must outlive it. Metric names: picket_<what>{stage=…}.
  Workers(WorkerOptions options, StageFactory factory, Metrics& metrics);
  ~Workers();

  // Until a stop is asked for: commits what is complete, leaves the group's assignment to the restart (static
  // membership), returns Ok.
  absl::Status Run(const std::stop_token& stop);

  // Ready when every worker has an assignment and nothing is being restored.
  Readiness ReadinessNow() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::kafka
