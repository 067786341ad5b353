#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/metrics.h"
#include "kafka/io.h"

namespace picket::kafka {

// The steps from the assignment of a partition to the processing of its input.
enum class PartitionPhase {
  kBarrier,  // waits until no predecessor can still commit an offset
  kEnds,     // queries the ranges of its changelogs and its input
  kQueued,   // waits for its turn to be restored
  kReading,  // reads its changelogs
  kReady,    // its state is restored, and its input resumes when `attempts` is recorded
  kLive,     // its input is being processed
};

// The progress of the restore from one changelog.
struct ChangelogProgress {
  int64_t begin = 0;  // the beginning of the log, which is not 0 if old rows were deleted
  int64_t next = 0;   // starts at a later offset than `begin` if there is a local copy
  int64_t end = 0;
  bool is_done = false;
};

// An assigned partition of the input.
struct Partition {
  int32_t number = 0;
  PartitionPhase phase = PartitionPhase::kBarrier;
  MonotonicTime assigned;

  // The offset that the group has committed. It is empty before the group's first commit.
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

  // The end of the input according to the last query of ClusterContact. It is negative if unknown.
  int64_t queried_end = -1;
  std::optional<OwnedGauge> lag;  // empty until the lag is known
  // The last error of the input since its last message or end. It is empty if the input can be
  // read.
  std::string input_error;
  MonotonicTime input_error_since;

  bool was_resumed = false;  // true if the parked state was still valid

  // The number of attempts to process the input from the committed offset that this owner and
  // earlier owners have recorded. A committed batch sets this number to zero.
  int attempts = 0;
  // True if several attempts did not lead to a commit. The next message that arrives then begins a
  // trial in a child process.
  bool begins_trial = false;
  // Messages before this offset are first tried in a child process. The trial covers a fixed number
  // of offsets from the first message that arrives. That message can be far beyond the committed
  // offset, because aborted messages between the two do not arrive.
  int64_t trial_until = 0;
  // The reasons why messages cannot be processed, indexed by offset.
  std::map<int64_t, std::string> rejected;
};

// The partitions that the group has assigned to a worker. A rebalance replaces the whole
// assignment.
struct Assignment {
  int64_t epoch = 0;  // number of rebalance callbacks so far
  bool is_assigned = false;
  // The metadata of the generation that assigned these partitions (docs/exactly-once.md §2).
  // Metadata of a later generation must not be used.
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

// The contents of a committed offset's metadata string. These are the name of the batch that
// committed the offset, and Partition::attempts.
struct OffsetMark {
  std::string batch;
  int attempts = 0;
};
std::string FormatOffsetMark(const OffsetMark& mark);
// Parses a string written by FormatOffsetMark. Returns an empty mark for any other string.
OffsetMark ParseOffsetMark(std::string_view text);

}  // namespace picket::kafka
