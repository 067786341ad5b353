#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket::fetcher {

// Aimed at size of a message on `raw`; a single record may be longer, up to kLongestRecord.
inline constexpr size_t kChunkTarget = 1 << 20;
inline constexpr size_t kLongestRecord = 2 << 20;

// How a body becomes messages.
struct ChunkPlan {
  // As it came: it is one message. So is a short body that is no array, which the parser then sets aside.
  bool whole = false;
  // Runs of records, commas between them as they came; each becomes "[" + run + "]".
  std::vector<std::string_view> runs;
  // Records too long for a message.
  std::vector<std::string_view> oversized;
  // The array was closed. If not, `rest` is what could not be cut into records.
  bool complete = false;
  std::string_view rest;
};

// Views into `body`. Linear; the body is read once.
ChunkPlan PlanChunks(std::string_view body, size_t target = kChunkTarget,
                     size_t longest_record = kLongestRecord);

// True when the body is one closed JSON array, by its brackets and quotes.
bool IsClosedArray(std::string_view body);

}  // namespace picket::fetcher
