#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "kafka/client_config.h"

namespace picket::kafka {

// Where an assigned partition stands on its way to being processed.
enum class PartitionPhase {
  kBarrier,  // waits until no transaction of a predecessor is open on its offset
  kEnds,     // asks how far the changelog and the input reach
  kQueued,   // waits for its turn to be restored
  kReading,  // reads the changelog
  kReady,    // state is there; its attempt is to be marked and its input to be resumed
  kLive,
};

// An assigned partition of the input.
struct Partition {
  int32_t number = 0;
  PartitionPhase phase = PartitionPhase::kBarrier;
  absl::Time assigned;

  // What the group holds for it: nothing before the first commit ever.
  std::optional<int64_t> committed;
  int64_t start = 0;  // where the open batch of it begins: all before is decided
  int64_t next = 0;   // the next offset to process
  bool touched = false;

  int64_t changelog_begin = 0;
  int64_t changelog_end = 0;
  int64_t changelog_at = 0;  // how far the restore is
  int64_t input_begin = 0;
  int64_t input_end = 0;

  // Input that was deleted before it was read, to be written down in the next transaction.
  struct Gap {
    int64_t from;
    int64_t to;
  };
  std::optional<Gap> gap;

  bool came_back = false;  // resumed from parked state

  // Starts at this very offset that were not followed by a commit.
  int attempts = 0;
  // Up to here every message is tried in a child process first, because several starts have ended here.
  int64_t trial_until = 0;
  // Messages that cannot be processed, with the reason.
  std::map<int64_t, std::string> rejected;
};

// The metadata string of a committed offset: which batch committed it, and how many starts at this offset have not been
// followed by a commit.
struct OffsetMark {
  std::string batch;
  int attempts = 0;
};
std::string FormatOffsetMark(const OffsetMark& mark);
OffsetMark ParseOffsetMark(std::string_view text);

// State of a revoked partition, kept for the case that it comes back unchanged.
struct ParkedPartition {
  std::optional<int64_t> committed;
  int64_t changelog_end = 0;
  absl::Time since;
};

}  // namespace picket::kafka
