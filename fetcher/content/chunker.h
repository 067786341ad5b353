#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket::fetcher {

// The target size of a message on `raw`. A message may be longer if it contains a single record of
// up to kLongestRecord bytes.
inline constexpr size_t kChunkTarget = 1 << 20;
inline constexpr size_t kLongestRecord = 2 << 20;

// Describes how a body is divided into messages.
struct ChunkPlan {
  // If true, the body is sent unchanged as one message. A short body is sent unchanged even if it
  // is not an array, because the parser writes such a body to the dead letters.
  bool whole = false;
  // Runs of consecutive records, including the original commas between them. Each run becomes the
  // message "[" + run + "]".
  std::vector<std::string_view> runs;
  // The records that are too long for a message.
  std::vector<std::string_view> oversized;
  // True if the body is an array with its closing bracket. Otherwise, `rest` is the part of the
  // body that could not be split into records.
  bool complete = false;
  std::string_view rest;
};

// Returns a plan that contains views into `body`. Complexity: linear in the size of `body`, which
// is read once.
ChunkPlan PlanChunks(std::string_view body, size_t target = kChunkTarget,
                     size_t longest_record = kLongestRecord);

}  // namespace picket::fetcher
