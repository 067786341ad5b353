#include "common/clock.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace picket {
namespace {

TEST(SystemClockTest, MonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  absl::Duration last = clock.SinceStart();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = clock.SinceStart();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(FakeClockTest, AnAdjustedTimeOfDayDoesNotChangeMonotonicTime) {
  FakeClock clock;
  const absl::Time wall = clock.Now();
  const absl::Duration start = clock.SinceStart();
  clock.Advance(absl::Seconds(3));
  clock.AdjustTimeOfDay(-absl::Hours(1));
  EXPECT_EQ(clock.Now(), wall + absl::Seconds(3) - absl::Hours(1));
  EXPECT_EQ(clock.SinceStart() - start, absl::Seconds(3));
}

}  // namespace
}  // namespace picket
