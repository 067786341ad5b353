#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "kafka/io.h"

namespace picket::kafka {

// How far an assigned partition is on its way to being processed.
enum class PartitionPhase {
  kBarrier,  // waits until no transaction of a predecessor is open on its offset
  kEnds,     // asks how far its changelogs and its input reach
  kQueued,   // waits for its turn to be restored
  kReading,  // reads its changelogs
  kReady,    // has its state; its attempt must be recorded before its input is resumed
  kLive,     // is being processed
};

// How far the restore from one changelog is.
struct ChangelogProgress {
  int64_t begin = 0;  // where the restore begins: the log's beginning, or later with a local copy
  int64_t next = 0;
  int64_t end = 0;
  bool is_done = false;
};

// An assigned partition of the input.
struct Partition {
  int32_t number = 0;
  PartitionPhase phase = PartitionPhase::kBarrier;
  MonotonicTime assigned;

  // What the group has committed; empty before the first commit ever.
  std::optional<int64_t> committed;
  // The metadata of this commit. It names a batch, so it differs after every commit of anybody.
  std::string mark;
  int64_t start = 0;  // where the open batch begins: the outcome of everything before it is known
  int64_t next = 0;   // the next offset to process
  bool touched = false;  // the open batch contains something of this partition

  std::vector<ChangelogProgress> changelogs;  // in the order of StageSpec::changelogs
  int64_t input_begin = 0;
  int64_t input_end = 0;

  // Input that was deleted before it was read. The open batch records it; if the batch is aborted,
  // the gaps are found again when its input is read again.
  struct Gap {
    int64_t from;
    int64_t to;
  };
  std::vector<Gap> gaps;

  bool was_resumed = false;  // its state was parked, and is still valid

  // Starts at exactly this offset that were not followed by a commit.
  int attempts = 0;
  // Several starts ended here: the messages from the next one on are tried in a child process
  // first.
  bool begins_trial = false;
  // Messages before this offset are tried. Counted from the first message, not from the committed
  // offset: aborted messages between them have offsets, too.
  int64_t trial_until = 0;
  // Messages that cannot be processed, with the reason.
  std::map<int64_t, std::string> rejected;
};

// The partitions that the group has assigned to a worker. A rebalance replaces all of it.
struct Assignment {
  int64_t epoch = 0;  // the number of rebalance callbacks so far
  bool is_assigned = false;
  // Of the generation that assigned the partitions, and of no later one (docs/exactly-once.md §2).
  std::unique_ptr<GroupMetadata> metadata;
  std::map<int32_t, Partition> partitions;

  Partition* Find(int32_t number) {
    const auto found = partitions.find(number);
    return found == partitions.end() ? nullptr : &found->second;
  }
  bool HasPartitionBeforeLive() const {
    for (const auto& [number, partition] : partitions) {
      if (partition.phase != PartitionPhase::kLive) return true;
    }
    return false;
  }
};

// The metadata string of a committed offset: the batch that committed it, and the number of starts
// at this offset that were not followed by a commit.
struct OffsetMark {
  std::string batch;
  int attempts = 0;
};
std::string FormatOffsetMark(const OffsetMark& mark);
// An empty mark for a string that FormatOffsetMark did not write.
OffsetMark ParseOffsetMark(std::string_view text);

}  // namespace picket::kafka
