#include "common/byte_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

namespace picket {
namespace {

TEST(ByteSearchTest, FindsTheFirstMarkedByte) {
  std::mt19937 random(7);
  for (int round = 0; round < 100'000; ++round) {
    char text[8];
    for (char& c : text) {
      static constexpr char kBytes[] = {'"', '\\', '\x1f', ' ', 'a', '\x80', '\xff', '\x7f', '\0'};
      c = random() % 3 == 0 ? kBytes[random() % sizeof kBytes] : static_cast<char>(random());
    }
    uint64_t word;
    std::memcpy(&word, text, 8);
    int quote = 8;
    int control = 8;
    for (int i = 7; i >= 0; --i) {
      if (text[i] == '"') quote = i;
      if (static_cast<unsigned char>(text[i]) < 0x20) control = i;
    }
    ASSERT_EQ(BytesBefore('"', word), quote);
    ASSERT_EQ(BytesBefore(MarkBelow(0x20, word)), control);
    ASSERT_EQ(BytesBefore(MarkByte('"', word) | MarkBelow(0x20, word)), std::min(quote, control));
  }
}

}  // namespace
}  // namespace picket
