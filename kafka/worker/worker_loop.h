#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/io.h"
#include "kafka/worker/batch.h"
#include "kafka/worker/cluster_contact.h"
#include "kafka/worker/partition.h"
#include "kafka/worker/partition_starter.h"
#include "kafka/worker/rejoin.h"
#include "kafka/worker/stage.h"
#include "kafka/worker/transaction_runner.h"
#include "kafka/worker/worker_context.h"
#include "kafka/worker/worker_metrics.h"
#include "kafka/worker/worker_progress_file.h"
#include "kafka/worker/worker_readiness.h"
#include "kafka/worker/workers.h"

namespace picket::kafka {

// The activity of a worker, for tests and traces. If several activities apply, the first in the
// order of this enum is reported.
enum class WorkerActivity : uint8_t {
  kStopping,    // closes its consumer
  kRevoking,    // gives its partitions back
  kJoining,     // has no assignment
  kUndecided,   // does not know the outcome of its last transaction
  kRecovering,  // has partitions, but no producer
  kBarrier,     // some partition is in the phase of the same name
  kEnds,
  kQueued,
  kReading,
  kReady,
  kBatchOpen,  // collects input for the next transaction
  kIdle,
};

// Runs one worker as a loop around poll. The loop starts the assigned partitions, passes their
// input to the stage, and commits the results. Slow operations (restores, producers, missing
// answers) are split into slices between polls, so that the worker polls often enough to stay in
// the group.
//
//   WorkerLoop::Step:
//     in the group? → producer ready? → undecided batch? → start partitions → poll → commit
//           │                 └─────────┬───────┘                  │             │        │
//        Rejoin                TransactionRunner           PartitionStarter    Batch      │
//                                                                                 TransactionRunner
//
//   A partition:  kBarrier → kEnds → kQueued → kReading → kReady → kLive → parked or released
//                              └── parked state is still valid ──┘
//   A batch:      closed → open → due → committed → closed
//                           │       ├→ aborted:   rewind, process the same input again
//                           │       └→ undecided: a new producer finds out whether it was committed
//                           └→ an oversized input: process the other inputs again without it
//
// WorkerLoop owns the consumer, the assignment and the batch. Rejoin decides when a worker that has
// lost its membership joins again. ClusterContact tracks whether the cluster answers.
// PartitionStarter owns the restores and the parked state. TransactionRunner owns the producer, the
// undecided batch and the limit of a batch. The stage owns the state, with an overlay for the open
// batch. A batch opens when there is something to commit, such as an input, a gap or collected
// output. A rebalance is a callback from inside Poll. The callback ends the batch and everything
// else that belongs to the old assignment.
//
// Threads: Only the thread that calls Run uses it. Lifetime: The worker keeps one instance until it
// stops or Workers::Restart replaces it. Failure: Run returns only if a stop is requested or an
// operator must act.
class WorkerLoop final : private InputConsumer::Listener {
 public:
  WorkerLoop(const WorkerOptions& options, int number, std::unique_ptr<Stage> stage,
             WorkerEnvironment environment, WorkerMetrics& metrics, WorkerReadiness& board,
             WorkerProgressFile* steps);
  ~WorkerLoop() override;

  // What Start does if the clients cannot be created.
  enum class Begin : uint8_t {
    kReportsErrors,  // returns the error, since the configuration may be wrong
    kRetries,        // tries again in Step, since the configuration has worked before
  };

  // Calls Start, then Step until a stop is requested, then Stop.
  absl::Status Run(const std::stop_token& stop, Begin begin = Begin::kReportsErrors);

  // Start, Step and Stop are the parts of Run. Tests that run several workers on one thread call
  // them separately.
  absl::Status Start(Begin begin = Begin::kReportsErrors);
  absl::Status Step();
  void Stop();

  WorkerActivity activity() const;
  int64_t batch_limit() const { return transactions_.batch_limit(); }

 private:
  absl::Status Connect();
  // Returns true if the worker has a consumer that can go on.
  absl::StatusOr<bool> StayInGroup();
  void LeaveGroup(const absl::Status& error);

  void BeginRecovery();
  void PollWithoutWork();
  void EndRecovery();
  void ResumeAt(const std::vector<Position>& positions);
  void Rewind();
  void ReassignAll();

  // Polls for at most `idle_limit`. Returns earlier if the batch is due, if a stage without input
  // must collect its work, or after a rebalance.
  void Consume(absl::Duration idle_limit);
  void Accept(ConsumedMessage message);
  void Process(const Message& message, Partition& partition);
  void HandleEvent(const ConsumedMessage& event);
  void HandleEnd(const ConsumedMessage& end);
  void RecordGap(Partition& partition, int64_t to);
  void Collect();
  void TryHeldMessages();
  bool IsBatchFull() const;
  bool IsBatchDue() const;
  void CommitBatch(absl::Duration limit);
  void AbandonBatch();

  bool HasPartitions() const { return !assignment_.partitions.empty(); }
  void MakeReadyPartitionsLive();

  // Implements InputConsumer::Listener.
  void OnAssigned(const std::vector<int32_t>& partitions,
                  std::unique_ptr<GroupMetadata> metadata) override;
  void OnRevoked(bool lost) override;
  void OnClientError(const ClientError& error) override;
  void OnCoordinatorAnswered(absl::Duration ago) override;

  void DoPeriodicWork();
  void PublishReadiness();
  std::string WhyNotReady() const;
  void CheckContact();

  const WorkerOptions& options_;
  const std::unique_ptr<Stage> stage_;
  const WorkerContext context_;
  WorkerReadiness& board_;

  std::unique_ptr<InputConsumer> consumer_;
  Assignment assignment_;
  Batch batch_;
  PartitionStarter starter_;
  TransactionRunner transactions_;
  ClusterContact contact_;
  Rejoin rejoin_;

  bool is_revoking_ = false;
  bool is_stopping_ = false;
  // True while the worker waits for its producer or for the outcome of a batch. The input is then
  // paused.
  bool is_recovering_ = false;

  MonotonicTime next_collect_ = MonotonicTime::InfinitePast();
  MonotonicTime next_periodic_work_ = MonotonicTime::InfinitePast();
  bool is_in_contact_ = true;
};

}  // namespace picket::kafka
