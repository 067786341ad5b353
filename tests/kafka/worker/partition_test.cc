#include "kafka/worker/partition.h"

#include "gtest/gtest.h"

namespace picket::kafka {
namespace {

TEST(OffsetMarkTest, IsParsedAsItWasFormatted) {
  const OffsetMark mark = ParseOffsetMark(FormatOffsetMark({"00c0ffee-17", 2}));
  EXPECT_EQ(mark.batch, "00c0ffee-17");
  EXPECT_EQ(mark.attempts, 2);
}

TEST(OffsetMarkTest, AnOrdinaryCommitCountsNoAttempt) {
  EXPECT_EQ(FormatOffsetMark({"00c0ffee-17", 0}), "batch=00c0ffee-17");
  EXPECT_EQ(ParseOffsetMark("batch=00c0ffee-17").attempts, 0);
}

TEST(OffsetMarkTest, StringsOfOthersAreNotMarks) {
  for (const char* text : {"", "attempts=9", "somebody's note", "batch"}) {
    EXPECT_EQ(ParseOffsetMark(text).batch, "") << text;
    EXPECT_EQ(ParseOffsetMark(text).attempts, 0) << text;
  }
}

}  // namespace
}  // namespace picket::kafka
