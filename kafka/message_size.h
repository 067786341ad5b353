#pragma once

#include <cstddef>
#include <string_view>

#include "absl/types/span.h"
#include "kafka/message.h"
#include "kafka/topics.h"

namespace picket::kafka {

// What a message may have by OutputBytes(): the rest is for the batch that the client wraps it in.
inline constexpr size_t kMaxOutputBytes = kMaxMessageBytes - 1024;

// What a message takes on the wire, at most.
inline size_t OutputBytes(std::string_view key, std::string_view value,
                          absl::Span<const Header> headers) {
  size_t bytes = key.size() + value.size() + 64;
  for (const Header& header : headers) bytes += header.name.size() + header.value.size() + 10;
  return bytes;
}

}  // namespace picket::kafka
