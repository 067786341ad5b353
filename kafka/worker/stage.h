#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/message.h"
#include "kafka/output_batch.h"
#include "kafka/topics.h"

namespace picket::kafka {

// What the worker must know about a stage before it runs.
struct StageSpec {
  std::string name;  // "parser"; the group id and the transactional id contain it
  Topic input;       // the topic whose partitions the group distributes
  // False: the group only decides who owns a partition; work comes from Collect().
  bool consumes_input = true;
  // The topics that the state is restored from. Empty: the stage has no state.
  std::vector<Topic> changelogs;
};

// What a stage does with its input. Everything about Kafka (assignment, restore, transactions,
// messages that cannot be processed) is the worker's task.
//
// The state has an overlay for the open transaction: Process, Collect and Flush change only the
// overlay; Commit merges it into the state, Abort drops it. After Abort the same messages come
// again.
//
// Threads: the worker's thread makes every call. Lifetime: one instance per worker, created before
// its consumer and destroyed after it. Failure: the stage handles bad input itself (dead letter,
// counter); a call never fails.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual const StageSpec& spec() const = 0;

  // The life of a partition: BeginRestore → RestoreRow… → EndRestore → live → Suspend → Resume →
  // live … → Release. BeginRestore starts with empty state. RestoreRow gets the rows of all
  // changelogs; `row.topic` is the topic's name with its prefix. Between Suspend (the partition was
  // revoked) and Resume (it came back, and nothing had changed) the state is parked. Release drops
  // it, at any point of the life.
  virtual void BeginRestore(int32_t partition) = 0;
  virtual void RestoreRow(const Message& row) = 0;
  virtual void EndRestore(int32_t partition) = 0;

  // For a stage that keeps a copy of its state on disk. The worker calls RestoreFrom for each
  // changelog right after BeginRestore; it returns where in the offsets [begin, end) the rows are
  // to begin. If that is a row which the copy contains, the row shows whether the copy belongs to
  // this log. (With begin = end there is no row, so no copy can be valid.) The worker calls
  // IsRestored when it has read all rows. It returns false if the copy does not belong to the log:
  // the stage has thrown the copy away, and the restore starts over with Release and BeginRestore.
  virtual int64_t RestoreFrom(Topic /*changelog*/, int32_t /*partition*/, int64_t begin,
                              int64_t /*end*/) {
    return begin;
  }
  virtual bool IsRestored(int32_t /*partition*/) { return true; }
  // Called before Commit with the offset of the last row that the transaction added to this
  // partition of a changelog. Not called if the broker did not report the offset (its answer was
  // lost).
  virtual void OnChangelogRow(Topic /*changelog*/, int32_t /*partition*/, int64_t /*offset*/) {}

  virtual void Suspend(int32_t /*partition*/) {}
  virtual void Resume(int32_t /*partition*/) {}
  virtual void Release(int32_t partition) = 0;

  // Processes one input message. The messages of a partition come in order.
  virtual void Process(const Message& /*message*/, OutputBatch& /*out*/) {}

  // For a stage that does not consume its input: adds what was completed since the last call, about
  // `max_bytes` at most, and touches each partition that it writes for. These must be live. Called
  // while no transaction is open; what it added becomes part of the next one.
  virtual void Collect(size_t /*max_bytes*/, OutputBatch& /*out*/) {}

  // Called once before the transaction's offsets are sent: adds the state rows of everything that
  // was touched.
  virtual void Flush(OutputBatch& /*out*/) {}

  virtual void Commit() {}
  virtual void Abort() {}

  // Called while no transaction is open and the outcome of the last one is known, also between an
  // abort and the repetition: the place to swap rules and to do periodic work.
  virtual void BetweenTransactions() {}

  // For a stage that does not consume its input. False: the group's coordinator has not answered
  // for half of the session timeout, so another member may soon own the partitions. True: it
  // answers again. In between, the stage must not do any work outside Kafka, since nothing fences
  // such work.
  virtual void OnContact(bool /*in_contact*/) {}

  // The message cannot be processed. `reason` is "crashed" (it ended the process) or "oversized"
  // (an output is too large to produce). The default writes the message as it came to
  // `dead-letters`.
  virtual void Reject(const Message& message, std::string_view reason, OutputBatch& out);
};

}  // namespace picket::kafka
