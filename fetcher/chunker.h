#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket::fetcher {

// Target size of a message on `raw`. A single record may be longer, up to kLongestRecord.
inline constexpr size_t kChunkTarget = 1 << 20;
inline constexpr size_t kLongestRecord = 2 << 20;

// How a body is divided into messages.
struct ChunkPlan {
  // The body becomes one unchanged message. This includes a short body that is not an array; the
  // parser then writes it to the dead letters.
  bool whole = false;
  // Runs of records, with their original commas. Each becomes the message "[" + run + "]".
  std::vector<std::string_view> runs;
  // Records that are too long for a message.
  std::vector<std::string_view> oversized;
  // The array was closed. Otherwise `rest` is the part that could not be split into records.
  bool complete = false;
  std::string_view rest;
};

// The plan contains views into `body`. Complexity: linear; reads the body once.
ChunkPlan PlanChunks(std::string_view body, size_t target = kChunkTarget,
                     size_t longest_record = kLongestRecord);

// True if the body is one closed JSON array, judging by brackets and quotes only.
bool IsClosedArray(std::string_view body);

}  // namespace picket::fetcher
