#pragma once

// Chooses, for the literal scanner, the window of each literal that is searched for, and
// distributes the windows to groups. Design: literal_scanner.h.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace picket::detector {

// The sizes of windows in bytes. A literal has a window of the largest size that is not larger than
// the literal.
inline constexpr size_t kWindowSizes[] = {8, 4, 3, 2, 1};
size_t WindowSizeOf(size_t literal_size);

// A position of a text fits a group if each of the `places` bytes from there on occurs at the same
// place of some window of the group. Windows are distributed so that few positions of a text fit
// any group.
struct LiteralWindows {
  static constexpr size_t kMaxGroups = 16, kMaxPlaces = 6;

  struct Window {
    uint32_t offset = 0;  // in the literal
    uint8_t group = 0;
  };
  std::vector<Window> windows;  // by literal
  size_t groups = 0, places = 0;
  double fit = 0;  // the estimated share of positions that fit a group, 0 to 1
};

// No literal may be empty. Complexity: linear in the bytes of all literals; up to 1,000 literals
// are redistributed twice.
LiteralWindows ChooseWindows(absl::Span<const std::string> literals);

}  // namespace picket::detector
