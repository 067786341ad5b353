#pragma once

// Which piece of a literal it is looked for by, and together with which others.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace picket::detector {

// Bytes of a window that are the same for all literals of a size: as many as of these the literal has.
inline constexpr size_t kWindowSizes[] = {8, 4, 3, 2, 1};
size_t WindowSizeOf(size_t literal_size);

// A position of a text fits a group when each of its first `places` bytes is, at its place, one of any window of the
// group. The windows of all literals are dealt to few groups so that few positions of a text fit one.
struct LiteralWindows {
  static constexpr size_t kMaxGroups = 16, kMaxPlaces = 6;

  struct Window {
    uint32_t offset = 0;  // in the literal
    uint8_t group = 0;
  };
  std::vector<Window> windows;  // by literal
  size_t groups = 0, places = 0;
  double fit = 0;  // the part of a text's positions that fit a group: a guess
};

// Literals are not empty. Complexity: all bytes of all literals, a few times.
LiteralWindows DealWindows(absl::Span<const std::string> literals);

}  // namespace picket::detector
