#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/message.h"
#include "kafka/output_batch.h"
#include "kafka/topics.h"

namespace picket::kafka {

// The properties of a stage that the worker must know before it runs the stage.
struct StageSpec {
  std::string name;  // such as "parser"; part of the group id and the transactional id
  Topic input;       // the topic whose partitions the group assigns
  // If false, the group only decides which worker owns each partition, and Collect() supplies the
  // work.
  bool consumes_input = true;
  // The topics that the state is restored from. If empty, the stage has no state.
  std::vector<Topic> changelogs;
};

// The processing logic of a stage. The worker takes care of everything that concerns Kafka, such as
// assignment, restore, transactions, and messages that cannot be processed.
//
// The state has an overlay for the open transaction. Process, Collect and Flush change only the
// overlay. Commit merges the overlay into the state, and Abort drops it. After Abort the same
// messages are processed again.
//
// Threads: The worker's thread makes every call. Lifetime: There is one instance per worker,
// created before the worker's consumer and destroyed after it. Failure: The stage handles bad input
// itself, with a dead letter or a counter. A call never fails.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual const StageSpec& spec() const = 0;

  // The calls for a partition come in this order: BeginRestore → RestoreRow… → EndRestore → live →
  // Suspend → Resume → live … → Release. BeginRestore starts with an empty state. RestoreRow gets
  // the rows of all changelogs, and `row.topic` is the topic's name including its prefix. Suspend
  // is called when the partition is revoked, and Resume when the partition comes back and nothing
  // has changed. Between these two calls, the state is parked. Release drops the state and may be
  // called at any point.
  virtual void BeginRestore(int32_t partition) = 0;
  virtual void RestoreRow(const Message& row) = 0;
  virtual void EndRestore(int32_t partition) = 0;

  // RestoreFrom and IsRestored are for a stage that keeps a copy of its state on disk. The worker
  // calls RestoreFrom for each changelog right after BeginRestore. RestoreFrom returns the offset
  // in [begin, end) from which rows are to be read. If the copy contains the row at that offset,
  // the row shows whether the copy belongs to this log. If `begin` equals `end`, there is no row,
  // so no copy can be valid.
  //
  // The worker calls IsRestored when it has read all rows. If the copy does not belong to the log,
  // the stage discards the copy and returns false. The restore then starts over with Release and
  // BeginRestore.
  virtual int64_t RestoreFrom(Topic /*changelog*/, int32_t /*partition*/, int64_t begin,
                              int64_t /*end*/) {
    return begin;
  }
  virtual bool IsRestored(int32_t /*partition*/) { return true; }
  // The worker calls this before Commit with the offset of the last row that the transaction added
  // to this partition of a changelog. It does not call this if it does not know the offset because
  // the broker's answer was lost.
  virtual void OnChangelogRow(Topic /*changelog*/, int32_t /*partition*/, int64_t /*offset*/) {}

  virtual void Suspend(int32_t /*partition*/) {}
  virtual void Resume(int32_t /*partition*/) {}
  virtual void Release(int32_t partition) = 0;

  // Processes one input message. The messages of a partition arrive in order.
  virtual void Process(const Message& /*message*/, OutputBatch& /*out*/) {}

  // Adds work that was completed since the last call, at most about `max_bytes` of it. Touches each
  // partition that the added work belongs to. The touched partitions must be live. The worker calls
  // this only for a stage that does not consume its input, while no transaction is open. The added
  // messages become part of the next transaction.
  virtual void Collect(size_t /*max_bytes*/, OutputBatch& /*out*/) {}

  // Adds the state rows for everything that the transaction touched. The worker calls this once per
  // transaction, after the last call of Process or Collect.
  virtual void Flush(OutputBatch& /*out*/) {}

  virtual void Commit() {}
  virtual void Abort() {}

  // Does periodic work, such as swapping rules. The worker calls this while no transaction is open
  // and the outcome of the last transaction is known. This includes the time between an abort and
  // the repeated processing of the same input.
  virtual void BetweenTransactions() {}

  // The worker calls this only for a stage that does not consume its input. `in_contact` is false
  // when the group's coordinator has not answered for half of the session timeout, so another
  // member may soon own the partitions. `in_contact` is true when the coordinator answers again. In
  // between, the stage must not do any work outside Kafka, since nothing fences such work.
  virtual void OnContact(bool /*in_contact*/) {}

  // Returns why the stage cannot do its work, although Kafka works, such as "all tenants are
  // suspended". Returns an empty string if it can, and nothing if it has no work. The service is
  // not ready if some worker has a reason and no worker returns an empty string. The worker calls
  // this about once a second.
  virtual std::optional<std::string> Obstacle() const { return ""; }

  // Handles a message that cannot be processed. `reason` is "crashed" if the message ended the
  // process, or "oversized" if an output is too large to produce. The default implementation writes
  // the unchanged message to `dead-letters`. A stage that counts its dead letters (StageCounts)
  // overrides the function to count this one too.
  virtual void Reject(const Message& message, std::string_view reason, OutputBatch& out);
};

}  // namespace picket::kafka
