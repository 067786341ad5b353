#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/types/span.h"

namespace picket::kafka {

struct Header {
  std::string_view name;
  std::string_view value;
};

// A message as consumed. Everything it points to is borrowed for the call it is handed to.
struct Message {
  std::string_view topic;  // with the prefix
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;  // the broker's: when it was produced
  std::string_view key;
  std::string_view value;
  bool is_tombstone = false;  // no value at all, which differs from an empty one
  absl::Span<const Header> headers;

  std::optional<std::string_view> FindHeader(std::string_view name) const {
    for (const Header& header : headers) {
      if (header.name == name) return header.value;
    }
    return std::nullopt;
  }
};

}  // namespace picket::kafka
