#include "fetcher/server_clock.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

const absl::Time kOurs = absl::FromUnixSeconds(1'700'000'000);

TEST(ServerClockTest, FollowsTheServerAndIgnoresAnAdjustmentOfOurTimeOfDay) {
  ServerClock clock({kOurs, absl::Seconds(100)});
  EXPECT_EQ(clock.Now({kOurs, absl::Seconds(100)}), kOurs) << "before the first response";
  clock.Synchronize(kOurs - absl::Hours(3), {kOurs, absl::Seconds(110)});
  EXPECT_EQ(clock.Now({kOurs + absl::Hours(50), absl::Seconds(115)}),
            kOurs - absl::Hours(3) + absl::Seconds(5));
}

}  // namespace
}  // namespace picket::fetcher
