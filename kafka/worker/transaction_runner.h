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

// Runs the transactions of one worker: owns its producer, commits the batch, and finds out what
// became of a commit that was not answered.
//
// A commit without an answer leaves the batch undecided. The producer is destroyed; a new one of
// the same name decides the old transaction when it starts, and then the committed offset's
// metadata shows whether it names the batch.
//
// Threads: the worker's. Lifetime: as long as its worker. Failure: Outcome; producers are created
// again with back-off for ever.
class TransactionRunner {
 public:
  enum class Outcome { kCommitted, kAborted, kUnknown };

  // All must outlive it.
  TransactionRunner(const WorkerContext& context, Assignment& assignment, Batch& batch);

  // Creates and initialises the producer, for a short time per call. False: not yet.
  bool PrepareProducer();
  bool is_ready() const { return is_ready_; }
  // The next transaction needs a new producer.
  void DropProducer();

  // Adds gap rows and the stage's state rows to the batch and commits it. kCommitted: the batch is
  // done and cleared. kAborted: nothing of it can be committed any more; the caller must abandon
  // it. kUnknown: it is undecided.
  Outcome CommitBatch(absl::Duration limit);
  // Ends the open batch: everything in it is forgotten.
  void ClearBatch();

  bool has_undecided() const { return !undecided_.empty(); }
  // Asks, with a producer that is ready, what became of the undecided batch, and finishes or aborts
  // it. Does nothing if there is no answer yet. Afterwards every partition must be read again from
  // Partition::next.
  void ResolveUndecided(InputConsumer& consumer);
  // The partitions were lost: whoever has them next learns the outcome.
  void ForgetUndecided() { undecided_.clear(); }

  // Records in the committed offsets' metadata that these partitions are about to be tried, before
  // anything of them is tried. If a message then ends the process, the restart knows it. False: not
  // recorded, try again.
  bool RecordAttempts(const std::vector<Partition*>& partitions);

  // The number of inputs that a batch may have. Smaller after an oversized transaction, until
  // batches succeed again.
  int64_t batch_limit() const { return batch_limit_; }

 private:
  Outcome RunTransaction(const OutputBatch& messages, const std::vector<InputOffset>& offsets,
                         absl::Duration limit);
  void AddGapRows();
  void FinishBatch(const std::string& name);
  void ShrinkBatches();
  std::string NextBatchName();

  const WorkerContext& context_;
  Assignment& assignment_;
  Batch& batch_;

  std::unique_ptr<BatchProducer> producer_;
  bool is_ready_ = false;                                     // producer_ is initialised
  MonotonicTime not_before_ = MonotonicTime::InfinitePast();  // of the next attempt to create one
  Backoff backoff_;

  const std::string batch_name_prefix_;
  int64_t batch_number_ = 0;
  std::string undecided_;  // the name of the undecided batch, or empty
  int64_t batch_limit_;
};

// Whether one of the entries from `first` on is larger than a message may be.
bool HasOversizedEntry(const OutputBatch& batch, size_t first);

}  // namespace picket::kafka
