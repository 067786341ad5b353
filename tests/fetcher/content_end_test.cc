#include "fetcher/content_end.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

const absl::Time kCreated = absl::FromUnixSeconds(1'700'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

ListedContent Listed(absl::Time expiration) { return {kCreated, expiration}; }

TEST(LastChanceTest, IsTheLaterOfTheExpirationAndSevenDays) {
  EXPECT_EQ(LastChance(Listed(kCreated + 7 * kDay)), kCreated + 7 * kDay);
  EXPECT_EQ(LastChance(Listed(kCreated + 12 * kDay)), kCreated + 12 * kDay);
  EXPECT_EQ(LastChance(Listed(kCreated + kDay)), kCreated + 7 * kDay);
}

TEST(LastChanceTest, AnImplausibleExpirationCounts30DaysAtMost) {
  for (const absl::Time wrong : {absl::InfinitePast(), absl::UnixEpoch(), kCreated - kDay,
                                 absl::FromUnixSeconds(-62135596800)}) {
    EXPECT_EQ(LastChance(Listed(wrong)), kCreated + 7 * kDay) << wrong;
  }
  for (const absl::Time wrong : {absl::InfiniteFuture(), kCreated + 4000 * kDay}) {
    EXPECT_EQ(LastChance(Listed(wrong)), kCreated + 30 * kDay) << wrong;
  }
}

class CountFailureTest : public testing::Test {
 protected:
  std::optional<EndCause> Fail(RetrievalFailure failure, absl::Duration age) {
    return CountFailure(failure, Listed(kCreated + 7 * kDay), kCreated + age, absl::Hours(5) + age,
                        history_);
  }
  RetrievalHistory history_;
};

TEST_F(CountFailureTest, TheWordOfTheApiEndsContentAtOnce) {
  EXPECT_EQ(Fail(RetrievalFailure::kExpired, absl::ZeroDuration()), EndCause::kApiExpired);
}

TEST_F(CountFailureTest, OtherFailuresEndNothingForSevenDays) {
  for (int hour = 0; hour < 7 * 24; ++hour) {
    EXPECT_EQ(Fail(RetrievalFailure::kOther, absl::Hours(hour)), std::nullopt);
  }
  EXPECT_EQ(Fail(RetrievalFailure::kOther, 7 * kDay), std::nullopt) << "sent before the end";
  EXPECT_EQ(Fail(RetrievalFailure::kOther, 7 * kDay + absl::Seconds(1)), EndCause::kTime);
}

TEST_F(CountFailureTest, WithoutTheServersTimeNoTimeEndsContent) {
  EXPECT_EQ(CountFailure(RetrievalFailure::kOther, Listed(kCreated), std::nullopt,
                         absl::Hours(9999), history_),
            std::nullopt);
}

TEST_F(CountFailureTest, MissingContentNeedsADayAndTenAnswers) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Fail(RetrievalFailure::kMissing, absl::Minutes(20 * i)), std::nullopt) << i;
  }
  EXPECT_EQ(Fail(RetrievalFailure::kMissing, kDay), EndCause::kApiMissing);
}

TEST_F(CountFailureTest, ADayWithNineAnswersIsNotEnough) {
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(Fail(RetrievalFailure::kMissing, absl::Hours(5 * i)), std::nullopt) << i;
  }
  EXPECT_EQ(Fail(RetrievalFailure::kOther, absl::Hours(45)), std::nullopt);
  EXPECT_EQ(Fail(RetrievalFailure::kMissing, absl::Hours(46)), EndCause::kApiMissing);
}

}  // namespace
}  // namespace picket::fetcher
