#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kafka/message.h"
#include "kafka/output_batch.h"
#include "kafka/topics.h"

namespace picket::kafka {

// What the worker must know of a stage before it runs.
struct StageSpec {
  std::string name;  // "parser"; group id and transactional id are made from it
  Topic input;       // the topic whose partitions the group shares out
  bool consumes_input =
      true;  // false: the group is only for ownership, work comes through Collect()
  std::optional<Topic> changelog;  // the state's topic, restored from its beginning
};

// What a stage does; everything about Kafka (assignment, restore, transactions, poison) is the worker's.
//
// State has an overlay for the open transaction: Process, Collect and Flush change only the overlay; Commit merges it,
// Abort drops it. After Abort the same messages come again.
//
// Threads: one worker thread makes every call. Lifetime: one instance a worker, made before its consumer, destroyed
// after it. Failure: bad input is the stage's to handle (dead letter, counter); a call never fails.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual const StageSpec& spec() const = 0;

  // A partition's way: BeginRestore → RestoreRow… → EndRestore → live → Suspend → Resume → live … → Release.
  // BeginRestore starts from empty state. Between Suspend (partition revoked) and Resume (it came back and nothing had
  // changed) the state is parked; Release drops it, from any point of the way.
  virtual void BeginRestore(int32_t partition) = 0;
  virtual void RestoreRow(const Message& row) = 0;
  virtual void EndRestore(int32_t partition) = 0;

  // For a stage that keeps a copy of its state on disk. RestoreFrom, right after BeginRestore, says where in the
  // changelog's offsets [begin, end) the rows are to begin; one that the copy holds shows whether it is of this very
  // log (none can be where begin = end). IsRestored, asked when the rows have been read, is false where it is not: the
  // stage has thrown its copy away, and the restore begins again with Release and BeginRestore.
  virtual int64_t RestoreFrom(int32_t /*partition*/, int64_t begin, int64_t /*end*/) {
    return begin;
  }
  virtual bool IsRestored(int32_t /*partition*/) { return true; }
  // Before Commit: the offset of the last row that the transaction added to this partition of the changelog. Not called
  // where the broker did not tell it (an answer was lost).
  virtual void OnChangelogRow(int32_t /*partition*/, int64_t /*offset*/) {}

  virtual void Suspend(int32_t /*partition*/) {}
  virtual void Resume(int32_t /*partition*/) {}
  virtual void Release(int32_t partition) = 0;

  // One input message, in the order of its partition.
  virtual void Process(const Message& /*message*/, OutputBatch& /*out*/) {}

  // For a stage that does not consume its input: adds what has been completed since the last call, at most about
  // `max_bytes`, and touches each partition it writes for. Called only for live partitions' work, with no transaction
  // open; what it added is part of the next transaction.
  virtual void Collect(size_t /*max_bytes*/, OutputBatch& /*out*/) {}

  // Once before the transaction's offsets are sent: state rows of all that was touched.
  virtual void Flush(OutputBatch& /*out*/) {}

  virtual void Commit() {}
  virtual void Abort() {}

  // Called with no transaction open and none whose outcome is unknown, also between an abort and the repeat: where rules
  // are swapped, and periodic work is done.
  virtual void BetweenTransactions() {}

  // For a stage that does not consume its input: false when the group's coordinator has not answered for half the
  // session timeout, so that another member may soon own the partitions; true when it answers again. What a stage does
  // outside Kafka must rest meanwhile: nothing fences it.
  virtual void OnContact(bool /*in_contact*/) {}

  // The message cannot be processed (it crashed the process, or what it gives is too large to produce): `reason` is
  // "crashed" or "oversized". The default writes it to `dead-letters` as it came.
  virtual void Reject(const Message& message, std::string_view reason, OutputBatch& out);
};

}  // namespace picket::kafka
