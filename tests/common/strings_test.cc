#include "common/strings.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(TruncateUtf8Test, TextIsCutBetweenCharacters) {
  EXPECT_EQ(TruncateUtf8("aé", 3), "aé");
  EXPECT_EQ(TruncateUtf8("aé", 2), "a");
  EXPECT_EQ(TruncateUtf8("é", 0), "");
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
