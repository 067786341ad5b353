#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "kafka/consumer.h"
#include "kafka/output_batch.h"
#include "kafka/producer.h"
#include "kafka/worker/changelog_reader.h"
#include "kafka/worker/partition.h"
#include "kafka/worker/stage.h"
#include "kafka/worker/worker.h"
#include "kafka/worker/worker_metrics.h"
#include "kafka/worker/worker_progress.h"
#include "kafka/worker/worker_readiness.h"

namespace picket::kafka {

// One worker: polls, starts the partitions it is assigned, hands their input to the stage and commits what comes of it.
// Everything that takes long (restore, producers, answers that do not come) is done in slices between polls, so that
// the group never throws the member out.
//
// A batch is the input since the last decided transaction. Its outputs stay in memory until it is due; only then the
// Kafka transaction begins, is filled and committed.
//
// Threads: Run's, alone. Lifetime: one for the process's life. Failure: Run returns only for a stop or for what an
// operator must change.
class WorkerLoop final : private GroupConsumer::Listener {
 public:
  WorkerLoop(const WorkerOptions& options, int number, std::unique_ptr<Stage> stage,
             WorkerMetrics& metrics, WorkerBoard& board, StepFile* steps);
  ~WorkerLoop() override;

  absl::Status Run(std::stop_token stop);

 private:
  // worker_loop.cc: the loop and what it consumes.
  absl::Status Connect();
  absl::Status CheckConsumer();
  bool EnsureProducer();
  void DropProducer();
  void PollWithoutWork();
  void EndRecovery();
  void GoOnAt(const std::vector<GroupConsumer::Position>& positions);
  void Consume();
  void Collect();
  void Take(MessagePtr message);
  void Deliver(const rd_kafka_message_t& message, Partition& partition);
  void TakeError(const rd_kafka_message_t& message);
  bool IsBatchFull() const;
  bool IsBatchDue(absl::Time now) const;
  void Housekeeping();
  void SayReadiness();
  void SayContact(absl::Time now);
  Partition* FindPartition(int32_t number);

  // worker_start.cc: a partition's way from assigned to live, and from live to parked.
  void OnAssigned(const std::vector<int32_t>& partitions, GroupMetadata metadata) override;
  void OnRevoked(bool lost) override;
  void StartSlice();
  void PassBarrier();
  void FindEnds();
  void BeginState(Partition& partition, const OffsetRange& changelog);
  void Restore();
  void GoLive();
  bool IsStarting() const;
  absl::StatusOr<std::vector<OffsetRange>> ChangelogRanges(const std::vector<int32_t>& partitions);
  void Park(const std::vector<Partition*>& partitions);
  void DropParked(absl::Time now);

  // worker_transaction.cc: the transaction and what follows when it fails.
  enum class Outcome { kCommitted, kAborted, kUnknown };
  Outcome RunTransaction(const OutputBatch& batch, const std::vector<InputOffset>& offsets,
                         absl::Duration limit);
  CallResult Interfere(TransactionCall call, CallResult result);
  void CommitBatch(absl::Duration limit);
  void TryHeldMessages();
  void AddGapRows();
  bool HasOversizedEntry(size_t first) const;
  void BatchCommitted();
  void AbandonBatch();
  void SpoiltBySize();
  void ClearBatch();
  void Rewind();
  void ReassignAll();
  void ResolveUndecided();
  bool MarkAttempts(const std::vector<Partition*>& partitions);
  std::string NextBatchName();

  // Listener.
  void OnClientError(rd_kafka_resp_err_t code, std::string_view text) override;
  void OnStatistics(std::string_view json) override;

  void SetStep(WorkerStep step);

  const WorkerOptions& options_;
  const int number_;
  const std::unique_ptr<Stage> stage_;
  const StageSpec& spec_;
  const std::string input_topic_;
  const std::string changelog_topic_;  // empty: the stage has no state
  const std::string group_;
  const std::string name_;
  WorkerMetrics& metrics_;
  WorkerBoard& board_;
  StepFile* const steps_;
  std::stop_token stop_;

  std::unique_ptr<GroupConsumer> consumer_;
  Handle uncommitted_;  // asks for ends, open transactions included
  std::unique_ptr<ChangelogReader> reader_;

  std::unique_ptr<TransactionalProducer> producer_;
  bool producer_ready_ = false;
  absl::Time producer_not_before_;
  Backoff producer_backoff_{absl::Milliseconds(100), absl::Seconds(5)};

  // The assignment: everything of it goes with a rebalance.
  int64_t epoch_ = 0;
  bool is_assigned_ = false;
  GroupMetadata group_metadata_;
  std::map<int32_t, Partition> partitions_;
  size_t barrier_turn_ = 0;
  bool revoking_ = false;
  bool stopping_ = false;

  std::map<int32_t, ParkedPartition> parked_;

  // The open batch.
  OutputBatch out_;
  bool batch_open_ = false;
  absl::Time batch_opened_;
  int64_t batch_inputs_ = 0;
  size_t largest_output_ = 0;  // of one input, in bytes
  int64_t batch_limit_;        // inputs; smaller after an oversized one
  int size_aborts_ = 0;
  bool spoilt_ = false;  // an oversized message was found: repeat without it
  std::map<std::string, int> batch_rejects_;
  std::vector<MessagePtr> held_;  // to be tried in a child first
  size_t held_bytes_ = 0;
  int32_t last_partition_ = 0;
  int64_t last_offset_ = 0;
  std::vector<Header> headers_;

  // A batch whose commit got no answer.
  std::string undecided_;
  // No producer, or an undecided batch: input is paused.
  bool recovering_ = false;

  std::string batch_name_prefix_;
  int64_t batch_number_ = 0;
  absl::Time next_collect_;
  absl::Time next_housekeeping_;
  bool broker_down_ = false;
  std::string broker_error_;
  // When the group's coordinator last answered, for stages that must know.
  absl::Time last_contact_;
  bool in_contact_ = true;
  absl::Time answer_lost_ = absl::InfinitePast();  // when the broker last left a request unanswered
  absl::Time fenced_grace_from_ =
      absl::InfinitePast();  // the start, until its one new join is used up
};

}  // namespace picket::kafka
