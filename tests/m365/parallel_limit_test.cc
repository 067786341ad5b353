#include "m365/parallel_limit.h"

#include <gtest/gtest.h>

namespace picket::m365 {
namespace {

TEST(ParallelLimitTest, ItDropsByAQuarterOfTheRequestsUnderWay) {
  ParallelLimit limit(256);
  EXPECT_FALSE(limit.is_lowered());
  EXPECT_TRUE(limit.Lower(40, absl::Seconds(1)));
  EXPECT_EQ(limit.limit(), 30);
  EXPECT_FALSE(limit.Lower(29, absl::Seconds(1.1))) << "several requests fail for one reason";
  EXPECT_TRUE(limit.Lower(29, absl::Seconds(2)));
  EXPECT_EQ(limit.limit(), 21);
}

TEST(ParallelLimitTest, ItNeverDropsBelowOne) {
  ParallelLimit limit(3);
  for (int second = 1; second < 10; ++second) limit.Lower(0, absl::Seconds(second));
  EXPECT_EQ(limit.limit(), 1);
}

TEST(ParallelLimitTest, ItRisesStepByStepToTheConfiguredNumber) {
  ParallelLimit limit(20);
  limit.Lower(16, absl::Seconds(1));
  ASSERT_EQ(limit.limit(), 12);
  EXPECT_FALSE(limit.Raise(absl::Seconds(5)));
  EXPECT_TRUE(limit.Raise(absl::Seconds(11)));
  EXPECT_EQ(limit.limit(), 13);
  absl::Duration now = absl::Seconds(11);
  while (limit.is_lowered()) limit.Raise(now += absl::Seconds(10));
  EXPECT_EQ(limit.limit(), 20);
  EXPECT_FALSE(limit.Raise(now + absl::Minutes(1)));
}

}  // namespace
}  // namespace picket::m365
