#include "fetcher/planner.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

ListingState State(std::optional<absl::Time> watermark = std::nullopt) {
  ListingState state;
  state.watermark = watermark;
  state.settle = absl::Seconds(60);
  state.overlap = absl::Minutes(10);
  state.look_back = absl::Hours(24 * 7);
  return state;
}

void ExpectAllowed(const WindowPlan& plan, absl::Time server_now) {
  for (size_t i = 0; i < plan.windows.size(); ++i) {
    const Window& window = plan.windows[i];
    EXPECT_LT(window.start, window.end);
    EXPECT_LE(window.end - window.start, absl::Hours(24));
    EXPECT_GE(window.start, server_now - absl::Hours(24 * 7) + absl::Minutes(4));
    EXPECT_LE(window.end, server_now);
    EXPECT_EQ(absl::ToUnixMillis(window.start) % 1000, 0);
    if (i > 0) {
      EXPECT_EQ(window.start, plan.windows[i - 1].end) << "windows must be contiguous";
    }
  }
}

TEST(PlanWindowsTest, TheFirstListingReachesAsFarBackAsTheApiAllows) {
  const WindowPlan plan = PlanWindows(State(), kNow);
  ExpectAllowed(plan, kNow);
  ASSERT_EQ(plan.windows.size(), 7u);
  EXPECT_LE(plan.windows.front().start, kNow - kListable + absl::Seconds(1));
  EXPECT_EQ(plan.windows.back().end, kNow - absl::Seconds(60));
  EXPECT_FALSE(plan.gap.has_value()) << "without a watermark nothing is lost";
}

TEST(PlanWindowsTest, AShortLookBackIsRespected) {
  ListingState state = State();
  state.look_back = absl::Minutes(30);
  const WindowPlan plan = PlanWindows(state, kNow);
  ASSERT_EQ(plan.windows.size(), 1u);
  EXPECT_EQ(plan.windows[0].start, kNow - absl::Minutes(30));
}

TEST(PlanWindowsTest, LaterListingsStartOneOverlapBeforeTheWatermark) {
  const WindowPlan plan = PlanWindows(State(kNow - absl::Minutes(5)), kNow);
  ASSERT_EQ(plan.windows.size(), 1u);
  EXPECT_EQ(plan.windows[0].start, kNow - absl::Minutes(15));
  EXPECT_EQ(plan.windows[0].end, kNow - absl::Minutes(1));
}

TEST(PlanWindowsTest, MostListingsOverlapOnlyALittle) {
  ListingState state = State(kNow - absl::Minutes(5));
  state.edge_overlap = absl::Seconds(20);
  state.depth = ListingDepth::kEdge;
  EXPECT_EQ(PlanWindows(state, kNow).windows[0].start, kNow - absl::Minutes(5) - absl::Seconds(20));
}

TEST(PlanWindowsTest, DeeperListingsCoverTheDayAndTheWholeWeek) {
  ListingState state = State(kNow - absl::Minutes(5));
  state.depth = ListingDepth::kDay;
  EXPECT_EQ(PlanWindows(state, kNow).windows.front().start,
            kNow - absl::Seconds(60) - absl::Hours(24));
  state.depth = ListingDepth::kReconcile;
  const WindowPlan week = PlanWindows(state, kNow);
  ExpectAllowed(week, kNow);
  EXPECT_EQ(week.windows.size(), 7u);
}

TEST(PlanWindowsTest, AWatermarkOlderThanTheApiListsIsAGapAndNotAnEmptyListing) {
  const absl::Time watermark = kNow - absl::Hours(24 * 9);
  const WindowPlan plan = PlanWindows(State(watermark), kNow);
  ExpectAllowed(plan, kNow);
  ASSERT_TRUE(plan.gap.has_value());
  EXPECT_EQ(plan.gap->from, watermark);
  EXPECT_EQ(plan.gap->to, plan.windows.front().start) << "the gap ends where listing begins";
  EXPECT_FALSE(plan.gap->reason.empty());
}

TEST(PlanWindowsTest, AWatermarkAheadOfTheServerListsOnlyTheOverlap) {
  // A watermark can be ahead of the server if the local clock was ahead or the server's clock was
  // set back.
  const WindowPlan plan = PlanWindows(State(kNow + absl::Hours(2)), kNow);
  ExpectAllowed(plan, kNow);
  ASSERT_EQ(plan.windows.size(), 1u);
  EXPECT_EQ(plan.windows[0].start, kNow - absl::Seconds(60) - absl::Minutes(10));
}

TEST(PlanWindowsTest, EveryWatermarkOfTwoWeeksGivesAllowedWindowsUpToTheSettledEnd) {
  for (int minutes = -30; minutes < 14 * 24 * 60; minutes += 17) {
    const absl::Time watermark = kNow - absl::Minutes(minutes) - absl::Milliseconds(minutes);
    const WindowPlan plan = PlanWindows(State(watermark), kNow);
    ExpectAllowed(plan, kNow);
    ASSERT_FALSE(plan.windows.empty());
    EXPECT_EQ(plan.windows.back().end, kNow - absl::Seconds(60));
    if (!plan.gap.has_value()) {
      EXPECT_LE(plan.windows.front().start, watermark);
    }
  }
}

TEST(NextWatermarkTest, ItIsTheTimeOfTheOldestPendingContent) {
  EXPECT_EQ(NextWatermark(std::nullopt, kNow, std::nullopt), kNow);
  EXPECT_EQ(NextWatermark(kNow - absl::Hours(1), kNow, kNow - absl::Minutes(7)),
            kNow - absl::Minutes(7));
  EXPECT_EQ(NextWatermark(kNow - absl::Hours(1), kNow, kNow - absl::Hours(3)),
            kNow - absl::Hours(1))
      << "late content does not move it back";
}

}  // namespace
}  // namespace picket::fetcher
