#include "detector/text/literal_windows.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace picket::detector {
namespace {

TEST(LiteralWindowsTest, TheWindowOfALiteralIsInsideTheLiteral) {
  std::mt19937 random(1);
  for (const size_t count : {1, 7, 300, 1200}) {
    std::vector<std::string> literals(count);
    for (std::string& literal : literals) {
      const size_t size = 1 + random() % 20;
      for (size_t i = 0; i < size; ++i) literal += static_cast<char>('a' + random() % 20);
    }
    const LiteralWindows chosen = ChooseWindows(literals);
    ASSERT_EQ(chosen.windows.size(), count);
    ASSERT_GT(chosen.groups, 0U);
    ASSERT_LE(chosen.groups, LiteralWindows::kMaxGroups);
    ASSERT_LE(chosen.places, LiteralWindows::kMaxPlaces);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_LT(chosen.windows[i].group, chosen.groups);
      EXPECT_LE(chosen.windows[i].offset + WindowSizeOf(literals[i].size()), literals[i].size());
    }
  }
}

TEST(LiteralWindowsTest, WithoutLiteralsThereAreNoGroups) {
  EXPECT_EQ(ChooseWindows({}).groups, 0U);
}

// The literals are "sha256=" and a digest. With thousands of digests, the windows inside them
// contain every hexadecimal digit at every place, so almost any position of a text would fit some
// group. Windows that contain '=' fit few positions.
TEST(LiteralWindowsTest, WindowsOfManyDigestsAreAtTheirRarestPlace) {
  std::mt19937 random(2);
  std::vector<std::string> literals(3000, "sha256=");
  for (std::string& literal : literals) {
    for (int i = 0; i < 64; ++i) literal += "0123456789abcdef"[random() % 16];
  }
  const LiteralWindows chosen = ChooseWindows(literals);
  std::vector<std::set<char>> bytes(chosen.groups * chosen.places);
  for (size_t i = 0; i < literals.size(); ++i) {
    for (size_t k = 0; k < chosen.places; ++k) {
      const auto [offset, group] = chosen.windows[i];
      bytes[group * chosen.places + k].insert(literals[i][offset + k]);
    }
  }
  const std::string text =
      "sha256=5d41402abc4b2a76b9719d911017c592ae2b1fca515949e5d54fb22b8ed95575";
  size_t fitting = 0, positions = text.size() - chosen.places;
  for (size_t at = 0; at < positions; ++at) {
    bool fits_any = false;
    for (size_t group = 0; group < chosen.groups; ++group) {
      bool fits = true;
      for (size_t k = 0; k < chosen.places; ++k) {
        fits = fits && bytes[group * chosen.places + k].contains(text[at + k]);
      }
      fits_any = fits_any || fits;
    }
    fitting += fits_any ? 1 : 0;
  }
  EXPECT_LT(fitting, positions / 4);
}

}  // namespace
}  // namespace picket::detector
