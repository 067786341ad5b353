#pragma once

// Chooses a window of each literal, and distributes the windows to groups. The literal scanner
// searches for these windows. literal_scanner.h describes the design.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace picket::detector {

// The sizes of windows in bytes. The window of a literal has the largest size that does not exceed
// the size of the literal.
inline constexpr size_t kWindowSizes[] = {8, 4, 3, 2, 1};
size_t WindowSizeOf(size_t literal_size);

// The window of each literal and the group of each window. Consider the `places` bytes of a text
// that begin at some position. The position fits a group if each of these bytes occurs at the same
// place in some window of the group. Windows are distributed to groups so that few positions of a
// text fit any group.
struct LiteralWindows {
  static constexpr size_t kMaxGroups = 16, kMaxPlaces = 6;

  struct Window {
    uint32_t offset = 0;  // position in the literal
    uint8_t group = 0;
  };
  std::vector<Window> windows;  // indexed by literal
  size_t groups = 0, places = 0;
  double fit = 0;  // estimated share of positions that fit a group, from 0 to 1
};

// Chooses the windows and groups of literals. No literal may be empty.
// Complexity: the time is linear in the total size of the literals. If there are at most 1,000
// literals, every choice is reconsidered twice.
LiteralWindows ChooseWindows(absl::Span<const std::string> literals);

}  // namespace picket::detector
