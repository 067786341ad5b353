#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/backoff.h"
#include "kafka/io.h"
#include "kafka/output_batch.h"
#include "kafka/worker/batch.h"
#include "kafka/worker/partition.h"
#include "kafka/worker/worker_context.h"

namespace picket::kafka {

// Runs the transactions of one worker. Owns the worker's producer, commits the batch, and finds out
// the outcome of a commit that was not answered.
//
// A commit without an answer leaves the batch undecided. The producer is then destroyed. When a new
// producer of the same name starts, Kafka commits or aborts the old transaction. The batch was
// committed if and only if the metadata of the committed offset then contains the batch's name.
//
// Threads: The worker's thread makes all calls. Lifetime: It lives as long as its worker. Failure:
// CommitBatch returns an Outcome. If a producer fails, the runner tries to create a new producer,
// with back-off, until it succeeds.
class TransactionRunner {
 public:
  enum class Outcome { kCommitted, kAborted, kUnknown };

  // All arguments must outlive the object.
  TransactionRunner(const WorkerContext& context, Assignment& assignment, Batch& batch);

  // Creates and initialises the producer step by step. Each call takes only a short time. Returns
  // false if the producer is not ready yet, or if several transactions have failed in a row and the
  // wait before the next one has not ended.
  bool PrepareProducer();
  bool is_ready() const { return is_ready_; }
  // Destroys the producer. The next transaction uses a new producer.
  void DropProducer();

  // Adds rows that record gaps in the input, and the state rows of the stage, to the batch. Then
  // commits the batch. If the result is kCommitted, the batch has been finished and cleared. If the
  // result is kAborted, the batch was not committed, and the caller must abandon the batch. If the
  // result is kUnknown, the batch is undecided.
  Outcome CommitBatch(absl::Duration limit);
  // Ends the open batch and discards its contents.
  void ClearBatch();

  bool has_undecided() const { return !undecided_.empty(); }
  // Queries the outcome of the undecided batch, and finishes or aborts the batch accordingly.
  // Requires a producer that is ready. Does nothing if there is no answer yet. After the batch is
  // decided, every partition must be read again from Partition::next.
  void ResolveUndecided(InputConsumer& consumer);
  // Forgets the undecided batch. The worker calls this when the partitions of the batch were lost.
  // The next owner of the partitions learns the outcome.
  void ForgetUndecided() { undecided_.clear(); }

  // Records in the metadata of the committed offsets that the messages of `partitions` are about to
  // be tried. The worker must call this before it tries any of these messages. If a message then
  // ends the process, the restarted process knows about the attempt. Returns false if the attempts
  // could not be recorded and the caller must try again.
  bool RecordAttempts(const std::vector<Partition*>& partitions);

  // Returns the maximum number of inputs in a batch. The limit is lowered after an oversized
  // transaction, and raised again as batches succeed.
  int64_t batch_limit() const { return batch_limit_; }

  // Returns why there is no producer or why the last transactions have failed. Returns an empty
  // string if there is no such reason, if only one or two transactions have failed, or if the last
  // failure is out of date.
  std::string Fault() const;

 private:
  Outcome RunTransaction(const OutputBatch& messages, std::vector<InputOffset> offsets,
                         absl::Duration limit);
  void OnFailure();
  void FollowOwnRows(std::vector<InputOffset>& offsets);
  void AddGapRows();
  void FinishBatch(const std::string& name);
  void ShrinkBatches();
  std::string NextBatchName();

  const WorkerContext& context_;
  Assignment& assignment_;
  Batch& batch_;

  std::unique_ptr<BatchProducer> producer_;
  bool is_ready_ = false;  // true if producer_ is initialised
  // Earliest time of the next attempt to create a producer.
  MonotonicTime not_before_ = MonotonicTime::InfinitePast();
  Backoff backoff_;
  std::string producer_error_;  // why there is no producer

  // The number of transactions that failed since the last committed transaction, the last error,
  // and the wait before the next attempt. A transaction that was too large is not counted. The
  // cluster decides how fast an attempt fails, so without a wait the attempts could follow each
  // other at any rate.
  int failures_ = 0;
  std::string failure_;
  MonotonicTime failed_ = MonotonicTime::InfinitePast();
  MonotonicTime paused_until_ = MonotonicTime::InfinitePast();
  Backoff pause_;

  const std::string batch_name_prefix_;
  int64_t batch_number_ = 0;
  std::string undecided_;  // name of the undecided batch, or empty
  int64_t batch_limit_;
};

// Returns true if an entry at or after index `first` is larger than a message may be.
bool HasOversizedEntry(const OutputBatch& batch, size_t first);

}  // namespace picket::kafka
