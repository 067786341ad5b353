#include "fetcher/server_clock.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

const absl::Time kLocal = absl::FromUnixSeconds(1'700'000'000);

class ServerClockTest : public testing::Test {
 protected:
  // The local clock, which a test may set.
  Moment Now() const { return {kLocal + elapsed_ + local_error_, absl::Seconds(100) + elapsed_}; }
  absl::Time TrueTime() const { return kLocal + elapsed_; }
  // Lets `count` responses arrive, one every `interval`, with dates that are wrong by `error`.
  void Answers(int count, absl::Duration error = absl::ZeroDuration(),
               absl::Duration interval = absl::Seconds(10)) {
    for (int i = 0; i < count; ++i) {
      elapsed_ += interval;
      clock_.OnResponse(TrueTime() + error, Now());
    }
  }
  absl::Duration Error() const { return clock_.Now(Now()) - TrueTime(); }

  absl::Duration elapsed_;
  absl::Duration local_error_;
  ServerClock clock_{Now()};
};

TEST_F(ServerClockTest, FollowsTheServerAndIgnoresStepsOfTheLocalTimeOfDay) {
  EXPECT_EQ(Error(), absl::ZeroDuration()) << "the local time, before the first response";
  Answers(3, -absl::Hours(3));
  EXPECT_TRUE(clock_.is_synchronized());
  EXPECT_EQ(Error(), -absl::Hours(3));
  for (const absl::Duration step : {absl::Hours(50), -absl::Hours(50)}) {
    local_error_ = step;
    EXPECT_EQ(Error(), -absl::Hours(3));
    Answers(20, -absl::Hours(3));
    EXPECT_EQ(Error(), -absl::Hours(3));
  }
}

TEST_F(ServerClockTest, NoSingleDateSetsIt) {
  for (const absl::Duration error :
       {absl::Hours(24 * 4000), -absl::Hours(24 * 4000), absl::Hours(20), -absl::Hours(20)}) {
    for (int before = 0; before <= 6; ++before) {
      clock_ = ServerClock(Now());
      Answers(before);
      Answers(1, error);
      EXPECT_LE(Error(), absl::ZeroDuration()) << error << " after " << before;
      Answers(6);
      EXPECT_EQ(Error(), absl::ZeroDuration()) << error << " after " << before;
    }
  }
}

TEST_F(ServerClockTest, BeforeItIsSynchronizedItIsNeverAheadOfAnyKnownClock) {
  local_error_ = absl::Hours(1);
  clock_ = ServerClock(Now());
  Answers(1);
  EXPECT_FALSE(clock_.is_synchronized());
  EXPECT_EQ(Error(), absl::ZeroDuration());
  clock_ = ServerClock(Now());
  Answers(1, absl::Hours(5));
  EXPECT_EQ(Error(), absl::Hours(1)) << "the local time is earlier";
}

TEST_F(ServerClockTest, ManyDatesOfAnotherYearMoveNothing) {
  Answers(5);
  Answers(2000, absl::Hours(24 * 4000), absl::Seconds(5));
  EXPECT_EQ(Error(), absl::ZeroDuration());
}

TEST_F(ServerClockTest, DatesThatTheEstimateAndTheLocalClockContradictMoveNothing) {
  Answers(5);
  Answers(2000, absl::Hours(2));
  EXPECT_EQ(Error(), absl::ZeroDuration());
}

TEST_F(ServerClockTest, IfTheLocalClockIsWrongAServerThatIsSetIsFollowedAfterHalfAnHour) {
  local_error_ = absl::Minutes(10);
  Answers(5);
  Answers(100, absl::Hours(2));
  EXPECT_EQ(Error(), absl::ZeroDuration());
  Answers(100, absl::Hours(2));
  EXPECT_EQ(Error(), absl::Hours(2));
}

TEST_F(ServerClockTest, ALocalClockThatIsWrongByWeeksIsFoundAfterTenMinutes) {
  local_error_ = absl::Hours(24 * 20);
  clock_ = ServerClock(Now());
  Answers(50);
  EXPECT_FALSE(clock_.is_synchronized());
  EXPECT_GT(clock_.NextSampleIn(), absl::ZeroDuration());
  Answers(20);
  EXPECT_TRUE(clock_.is_synchronized());
  EXPECT_EQ(Error(), absl::ZeroDuration());
}

TEST_F(ServerClockTest, WithoutAnyDateTheLocalTimeMustDo) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(clock_.is_synchronized());
    clock_.OnResponse(std::nullopt, Now());
  }
  EXPECT_TRUE(clock_.is_synchronized());
  EXPECT_EQ(Error(), absl::ZeroDuration());
}

// The monotonic clock stands still while a computer sleeps.
TEST_F(ServerClockTest, AfterASleepItFollowsAtOnce) {
  Answers(5);
  local_error_ = absl::Hours(5);
  clock_.OnResponse(TrueTime() + absl::Hours(5), Now());
  Answers(4, absl::Hours(5));
  EXPECT_EQ(Error(), absl::Hours(5));
}

}  // namespace
}  // namespace picket::fetcher
