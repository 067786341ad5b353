#include "fetcher/governor.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

constexpr absl::Duration kNow = absl::Hours(100);

// Returns the number of requests that are admitted during `span` if a loop sends as many requests
// as possible every 100 ms.
int RequestsAdmitted(Governor& governor, absl::Duration start, absl::Duration span) {
  int taken = 0;
  for (absl::Duration now = start; now < start + span; now += absl::Milliseconds(100)) {
    while (governor.TryAcquire(now)) ++taken;
  }
  return taken;
}

TEST(GovernorTest, AMinuteAdmitsTheQuotaAndAtMostOneSecondsWorthMore) {
  Governor governor(2000);
  const int taken = RequestsAdmitted(governor, kNow, absl::Minutes(1));
  EXPECT_GE(taken, 1990);
  EXPECT_LE(taken, 2000 + 34);
  const int next = RequestsAdmitted(governor, kNow + absl::Minutes(1), absl::Minutes(1));
  EXPECT_NEAR(next, 2000, 10);
}

TEST(GovernorTest, ThrottlingPausesAndLowersTheRateOnceForAllRequestsUnderWay) {
  Governor governor(2000);
  for (int i = 0; i < 20; ++i) {
    governor.OnThrottled(kNow - absl::Milliseconds(i), kNow, absl::Seconds(7));
  }
  EXPECT_EQ(governor.requests_per_minute(), 1500);
  EXPECT_FALSE(governor.TryAcquire(kNow + absl::Seconds(6)));
  EXPECT_TRUE(governor.TryAcquire(kNow + absl::Seconds(7)));
  governor.OnThrottled(kNow + absl::Seconds(7), kNow + absl::Seconds(8), absl::ZeroDuration());
  EXPECT_EQ(governor.requests_per_minute(), 1125);
  EXPECT_FALSE(governor.TryAcquire(kNow + absl::Seconds(8)))
      << "there is a pause even if the API requests none";
}

TEST(GovernorTest, TheRateRisesOnlyWhileItDelaysRequests) {
  Governor idle(2000);
  for (int i = 0; i < 100; ++i) idle.OnSuccess(kNow + absl::Seconds(i));
  EXPECT_EQ(idle.requests_per_minute(), 2000);

  Governor busy(2000);
  for (int i = 0; i < 100; ++i) {
    RequestsAdmitted(busy, kNow + absl::Seconds(i), absl::Seconds(1));
    busy.OnSuccess(kNow + absl::Seconds(i));
  }
  EXPECT_GT(busy.requests_per_minute(), 2300);
  EXPECT_LT(busy.requests_per_minute(), 2500);
}

// The server allows 600 requests in each fixed minute and throttles the rest.
TEST(GovernorTest, AQuotaBelowTheBaselineIsLearnedAndMostlyUsed) {
  Governor governor(2000);
  int passed = 0;
  for (int minute = 0; minute < 30; ++minute) {
    int used = 0;
    for (int tick = 0; tick < 600; ++tick) {
      const absl::Duration now = kNow + absl::Minutes(minute) + tick * absl::Milliseconds(100);
      while (governor.TryAcquire(now)) {
        if (used < 600) {
          ++used;
          governor.OnSuccess(now);
        } else {
          governor.OnThrottled(now, now, absl::Seconds(5));
        }
      }
    }
    if (minute >= 10) passed += used;
  }
  EXPECT_GE(passed, 20 * 600 * 80 / 100);
}

}  // namespace
}  // namespace picket::fetcher
