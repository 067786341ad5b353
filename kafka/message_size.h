#pragma once

#include <cstddef>
#include <string_view>

#include "absl/types/span.h"
#include "kafka/message.h"

namespace picket::kafka {

// The maximum size of a message on any topic, including its key and headers (max.message.bytes).
inline constexpr size_t kMaxMessageBytes = 8 << 20;

// The maximum of OutputBytes() for a message. The remaining bytes of a request are reserved for the
// header of the batch that contains the message.
inline constexpr size_t kMaxOutputBytes = kMaxMessageBytes - 1024;

// Returns an upper bound on the size of a message on the wire.
inline size_t OutputBytes(std::string_view key, std::string_view value,
                          absl::Span<const Header> headers) {
  size_t bytes = key.size() + value.size() + 64;
  for (const Header& header : headers) bytes += header.name.size() + header.value.size() + 10;
  return bytes;
}

}  // namespace picket::kafka
