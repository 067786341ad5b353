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

// The steps from the assignment of a partition to the processing of its input.
enum class PartitionPhase {
  kBarrier,  // waits until no predecessor has an open transaction over the offset
  kEnds,     // queries the ranges of its changelogs and its input
  kQueued,   // waits for its turn to be restored
  kReading,  // reads its changelogs
  kReady,    // has its state; the attempt must be recorded before the input resumes
  kLive,     // its input is being processed
};

// The progress of the restore from one changelog.
struct ChangelogProgress {
  // The offset at which the restore begins: the log's beginning, or a later offset if there is a
  // local copy.
  int64_t begin = 0;
  int64_t next = 0;
  int64_t end = 0;
  bool is_done = false;
};

// An assigned partition of the input.
struct Partition {
  int32_t number = 0;
  PartitionPhase phase = PartitionPhase::kBarrier;
  MonotonicTime assigned;

  // The offset that the group has committed. Empty before the group's first commit.
  std::optional<int64_t> committed;
  // The metadata of the committed offset. The metadata names a batch, so every commit changes the
  // metadata, no matter which member commits.
  std::string mark;
  // The offset at which the open batch begins. The outcome of everything before this offset is
  // known.
  int64_t start = 0;
  int64_t next = 0;      // the next offset to process
  bool touched = false;  // the open batch includes this partition

  std::vector<ChangelogProgress> changelogs;  // in the order of StageSpec::changelogs
  int64_t input_begin = 0;
  int64_t input_end = 0;

  // A range of input that was deleted before it was read. The open batch records the gap. If the
  // batch is aborted, the gap is found again when the input of the batch is read again.
  struct Gap {
    int64_t from;
    int64_t to;
  };
  std::vector<Gap> gaps;

  bool was_resumed = false;  // true if the parked state was still valid

  // The number of starts at exactly the committed offset that were not followed by a commit.
  int attempts = 0;
  // True if several starts at the committed offset were not followed by a commit. The next message
  // that arrives then begins a trial in a child process.
  bool begins_trial = false;
  // Messages before this offset are tried in a child process first. The limit is counted from the
  // first message that arrives, not from the committed offset, because there may be aborted
  // messages between the two.
  int64_t trial_until = 0;
  // The reasons why messages cannot be processed, indexed by offset.
  std::map<int64_t, std::string> rejected;
};

// The partitions that the group has assigned to a worker. A rebalance replaces the whole
// assignment.
struct Assignment {
  int64_t epoch = 0;  // number of rebalance callbacks so far
  bool is_assigned = false;
  // The metadata of exactly the generation that assigned the partitions (docs/exactly-once.md §2).
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

// The contents of a committed offset's metadata string: the batch that committed the offset, and
// the number of starts at this offset that were not followed by a commit.
struct OffsetMark {
  std::string batch;
  int attempts = 0;
};
std::string FormatOffsetMark(const OffsetMark& mark);
// Returns an empty mark if FormatOffsetMark did not write `text`.
OffsetMark ParseOffsetMark(std::string_view text);

}  // namespace picket::kafka
