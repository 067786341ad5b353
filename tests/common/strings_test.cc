#include "common/strings.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace picket {
namespace {

TEST(TruncateUtf8Test, TextIsCutBetweenCharacters) {
  EXPECT_EQ(TruncateUtf8("aé", 3), "aé");
  EXPECT_EQ(TruncateUtf8("aé", 2), "a");
  EXPECT_EQ(TruncateUtf8("é", 0), "");
}

TEST(TruncateUtf8Test, BytesThatAreNotUtf8AreCutAtTheLimit) {
  EXPECT_EQ(TruncateUtf8(std::string(9, '\x80'), 5), std::string(5, '\x80'));
}

TEST(ValidUtf8Test, EachInvalidByteIsReplaced) {
  EXPECT_EQ(ValidUtf8("a\xff\xc3(\xed\xa0\x80 \u00e4\U0001f600"),
            "a\ufffd\ufffd(\ufffd\ufffd\ufffd \u00e4\U0001f600");
  EXPECT_EQ(ValidUtf8(""), "");
}

TEST(CleanLineTest, TheResultIsOneBoundedLineOfValidUtf8) {
  EXPECT_EQ(CleanLine("a\nb\tc\x7f\u009b\u202ed\xff", 100), "a b c   d\ufffd");
  EXPECT_EQ(CleanLine("abcdef", 6), "abcdef");
  EXPECT_EQ(CleanLine("abcdefg", 6), "abc\u2026");
  EXPECT_EQ(CleanLine("ab\u00e4defg", 6), "ab\u2026");
  EXPECT_EQ(CleanLine("abc", 2), "");
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : random() % 128);
    const size_t most = random() % 40;
    const std::string line = CleanLine(text, most);
    EXPECT_LE(line.size(), most);
    EXPECT_EQ(ValidUtf8(line), line);
    for (size_t at = 0; at < line.size(); ++at) EXPECT_EQ(ControlLength(line.substr(at)), 0u);
  }
}

TEST(EditDistanceTest, ASwapIsOneEditOnlyIfItIsAllowed) {
  EXPECT_EQ(EditDistance("replay", "replay", true), 0);
  EXPECT_EQ(EditDistance("relpay", "replay", true), 1);
  EXPECT_EQ(EditDistance("relpay", "replay", false), 2);
  EXPECT_EQ(EditDistance("", "abc", true), 3);
  EXPECT_EQ(EditDistance("kitten", "sitting", false), 3);
}

}  // namespace
}  // namespace picket
