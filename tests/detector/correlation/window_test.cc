#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "detector/correlation/event_count_window.h"
#include "detector/correlation/value_count_window.h"
#include "gtest/gtest.h"

namespace picket::detector {
namespace {

int64_t At(double minute) { return static_cast<int64_t>(minute * 60'000); }

TEST(EventCountWindowTest, CountsTheEventsOfAWindowWithBothItsEnds) {
  EventCountWindow window(absl::Minutes(5));
  EXPECT_EQ(window.Add(At(0)), 1);
  EXPECT_EQ(window.Add(At(5)), 2);
  EXPECT_EQ(window.Add(At(5) + 1), 2);
}

TEST(EventCountWindowTest, ALateEventCompletesAWindowThatHasPassed) {
  EventCountWindow window(absl::Minutes(5));
  for (const int minute : {0, 1, 9}) window.Add(At(minute));
  EXPECT_EQ(window.Add(At(2)), 3);
}

TEST(EventCountWindowTest, FindReturnsTheWindowThatReachedTheCount) {
  EventCountWindow window(absl::Minutes(5));
  for (const int minute : {0, 3, 4, 20}) window.Add(At(minute));
  const WindowExtent extent = window.Find(At(3), 3);
  EXPECT_EQ(extent.start, At(0));
  EXPECT_EQ(extent.end, At(4));
  EXPECT_EQ(extent.count, 3);
}

TEST(EventCountWindowTest, EachEventOfTheSameMillisecondCounts) {
  EventCountWindow window(absl::Seconds(1));
  for (int i = 1; i <= 1000; ++i) EXPECT_EQ(window.Add(At(7)), i);
  EXPECT_LE(window.size(), 2);
}

TEST(EventCountWindowTest, TimesBeforeTheEpochWork) {
  EventCountWindow window(absl::Minutes(1));
  EXPECT_EQ(window.Add(-1), 1);
  EXPECT_EQ(window.Add(1), 2);
  EXPECT_EQ(window.Add(-60'001), 2);
}

// The slow twin of EventCountWindow::Add. Counts every window that contains `time`, and returns the
// largest count.
int64_t LargestWith(const std::multiset<int64_t>& times, int64_t time, int64_t span) {
  int64_t largest = 0;
  for (auto end = times.lower_bound(time); end != times.end() && *end <= time + span; ++end) {
    const auto begin = times.lower_bound(*end - span);
    largest = std::max<int64_t>(largest, std::distance(begin, times.upper_bound(*end)));
  }
  return largest;
}

// Returns the time of the next event. The order of the times depends on the number of the trial.
int64_t NextTime(std::mt19937& random, int trial, int64_t& now) {
  switch (trial % 4) {
    case 0:  // in order, with a resolution of one second
      now += static_cast<int64_t>(random() % 4) * 1000;
      return now;
    case 1:  // backwards
      now -= static_cast<int64_t>(random() % 3000);
      return now;
    case 2:  // mostly in order, with some late events
      now += static_cast<int64_t>(random() % 2000);
      return random() % 8 == 0 ? now - static_cast<int64_t>(random() % 100'000) : now;
    default:  // in any order
      return static_cast<int64_t>(random() % 300'000) - 100'000;
  }
}

TEST(EventCountWindowTest, EqualsTheSlowCountInAnyOrder) {
  for (int trial = 0; trial < 60; ++trial) {
    std::mt19937 random(static_cast<uint32_t>(trial));
    const int64_t span = std::vector<int64_t>{1000, 7000, 60'000, 200'000}[random() % 4];
    EventCountWindow window(absl::Milliseconds(span));
    std::multiset<int64_t> times;
    int64_t now = 0;
    for (int i = 0; i < 400; ++i) {
      if (!times.empty() && random() % 6 == 0) {
        auto gone = times.begin();
        std::advance(gone, random() % times.size());
        window.Remove(*gone);
        times.erase(gone);
        continue;
      }
      const int64_t time = NextTime(random, trial, now);
      times.insert(time);
      const int64_t largest = window.Add(time);
      ASSERT_EQ(largest, LargestWith(times, time, span)) << "trial " << trial << " event " << i;
      const WindowExtent extent = window.Find(time, largest);
      ASSERT_EQ(extent.count, largest);
      ASSERT_LE(extent.end - extent.start, span);
    }
    // A window that is restored from its rows returns the same counts.
    EventCountWindow restored(absl::Milliseconds(span));
    std::set<int64_t> buckets;
    for (const int64_t time : times) buckets.insert(window.BucketOf(time));
    for (auto it = buckets.rbegin(); it != buckets.rend(); ++it) {
      ASSERT_TRUE(restored.RestoreBucket(*it, window.EncodeBucket(*it)));
    }
    for (int i = 0; i < 50; ++i) {
      const int64_t time = NextTime(random, trial, now);
      times.insert(time);
      ASSERT_EQ(window.Add(time), LargestWith(times, time, span));
      ASSERT_EQ(restored.Add(time), LargestWith(times, time, span));
    }
    // Evicted events no longer count.
    const int64_t cut =
        window.BucketOf(*std::next(times.begin(), static_cast<int64_t>(times.size() / 2)));
    window.Evict(cut);
    std::erase_if(times, [&](int64_t t) { return window.BucketOf(t) < cut; });
    for (int i = 0; i < 50; ++i) {
      const int64_t time = NextTime(random, trial, now);
      times.insert(time);
      ASSERT_EQ(window.Add(time), LargestWith(times, time, span));
    }
  }
}

TEST(EventCountWindowTest, ForgettingUnreachableBucketsChangesNoCount) {
  EventCountWindow window(absl::Minutes(1));
  std::multiset<int64_t> times;
  std::mt19937 random(5);
  int64_t now = 0;
  for (int i = 0; i < 5000; ++i) {
    now += static_cast<int64_t>(random() % 900);
    const int64_t time = now - static_cast<int64_t>(random() % 5000);
    times.insert(time);
    ASSERT_EQ(window.Add(time), LargestWith(times, time, 60'000));
    if (i % 50 == 0) window.Forget(window.BucketOf(now - 5000 - 60'000));
  }
  EXPECT_LT(window.size(), 600);
}

TEST(EventCountWindowTest, ATruncatedRowIsRejected) {
  EventCountWindow window(absl::Minutes(5));
  window.Add(At(1));
  const std::string row = window.EncodeBucket(window.BucketOf(At(1)));
  EventCountWindow other(absl::Minutes(5));
  EXPECT_FALSE(other.RestoreBucket(0, row.substr(0, 1)));
}

TEST(ValueCountWindowTest, ARepeatedValueCountsOnce) {
  ValueCountWindow window(absl::Minutes(5));
  ValueCountWindow::Change change;
  EXPECT_EQ(window.Add(At(0), 1, &change), 1);
  EXPECT_EQ(window.Add(At(1), 2, &change), 2);
  window.Add(At(2), 1, &change);
  EXPECT_EQ(window.Add(At(3), 3, &change), 3);
  // The window now begins at minute 1.5. Value 2 is before it. Value 1 occurs again at minute 2, so
  // the window contains the values 1, 3 and 4.
  EXPECT_EQ(window.Add(At(6.5), 4, &change), 3);
}

using Events = std::vector<std::pair<int64_t, uint64_t>>;

int64_t DistinctAt(const Events& events, int64_t end, int64_t span) {
  std::set<uint64_t> values;
  for (const auto& [time, value] : events) {
    if (time >= end - span && time <= end) values.insert(value);
  }
  return static_cast<int64_t>(values.size());
}

// The slow twin of ValueCountWindow::Add. The last element of `events` is the added event. Compares
// the windows that end at or before `until` without and with that event. Returns the greatest count
// of a window whose count has increased.
int64_t GreatestGain(const Events& events, int64_t span, int64_t until) {
  const Events before(events.begin(), events.end() - 1);
  int64_t greatest = 0;
  for (const auto& [time, value] : events) {
    // A sliding window changes only where an event enters it (at `time`) or has just left it. It is
    // enough to try these ends.
    for (const int64_t end : {time, time + span + 1}) {
      if (end > until) continue;
      const int64_t count = DistinctAt(events, end, span);
      if (count > DistinctAt(before, end, span)) greatest = std::max(greatest, count);
    }
  }
  return greatest;
}

TEST(ValueCountWindowTest, EqualsTheSlowCountInAnyOrder) {
  for (int trial = 0; trial < 24; ++trial) {
    std::mt19937 random(static_cast<uint32_t>(trial) + 77);
    const int64_t span = std::vector<int64_t>{1000, 7000, 60'000, 200'000}[random() % 4];
    const uint64_t values = 1 + random() % 30;
    ValueCountWindow window(absl::Milliseconds(span));
    Events events;
    std::vector<ValueCountWindow::Change> changes;
    int64_t now = 0;
    int64_t newest = INT64_MIN;
    for (int i = 0; i < 150; ++i) {
      if (!events.empty() && random() % 5 == 0) {
        window.Undo(changes.back());
        changes.pop_back();
        events.pop_back();
        continue;
      }
      const int64_t time = NextTime(random, trial, now);
      newest = std::max(newest, time);
      events.emplace_back(time, random() % values);
      changes.emplace_back();
      const int64_t gained = window.Add(time, events.back().second, &changes.back());
      ASSERT_GE(gained, GreatestGain(events, span, newest)) << "trial " << trial << " event " << i;
      ASSERT_LE(gained, GreatestGain(events, span, INT64_MAX))
          << "trial " << trial << " event " << i;
      if (gained > 0) {
        ASSERT_GE(window.Find(time, gained).count, gained) << "trial " << trial << " event " << i;
      }
    }
    ValueCountWindow restored(absl::Milliseconds(span));
    for (auto it = window.buckets().rbegin(); it != window.buckets().rend(); ++it) {
      for (uint32_t part = window.PartsOf(it->first); part-- > 0;) {
        ASSERT_TRUE(restored.RestorePart(it->first, part, window.EncodePart(it->first, part)));
      }
    }
    EXPECT_EQ(restored.buckets(), window.buckets());
    EXPECT_EQ(restored.size(), window.size());
    for (int i = 0; i < 60; ++i) {
      const int64_t time = NextTime(random, trial, now);
      const uint64_t value = random() % values;
      ValueCountWindow::Change a, b;
      ASSERT_EQ(window.Add(time, value, &a), restored.Add(time, value, &b));
    }
  }
}

TEST(ValueCountWindowTest, EvictedValuesNoLongerCount) {
  for (int trial = 0; trial < 20; ++trial) {
    std::mt19937 random(static_cast<uint32_t>(trial));
    ValueCountWindow window(absl::Minutes(2));
    ValueCountWindow again(absl::Minutes(2));
    Events events;
    ValueCountWindow::Change change;
    for (int i = 0; i < 300; ++i) {
      events.emplace_back(random() % 400'000, random() % 20);
      window.Add(events.back().first, events.back().second, &change);
    }
    const int64_t cut = window.BucketOf(200'000);
    window.Evict(cut);
    for (const auto& [time, value] : events) {
      if (again.BucketOf(time) >= cut) again.Add(time, value, &change);
    }
    EXPECT_EQ(window.size(), again.size());
    for (int i = 0; i < 100; ++i) {
      const int64_t time = 200'000 + static_cast<int64_t>(random() % 300'000);
      const uint64_t value = random() % 30;
      ASSERT_EQ(window.Add(time, value, &change), again.Add(time, value, &change));
    }
  }
}

TEST(ValueCountWindowTest, ABucketWithManyValuesIsWrittenInParts) {
  ValueCountWindow window(absl::Minutes(5));
  ValueCountWindow::Change change;
  for (uint64_t value = 0; value < 1300; ++value) window.Add(At(1), value, &change);
  EXPECT_EQ(change.index, 1299u);
  ASSERT_EQ(window.PartsOf(window.BucketOf(At(1))), 3u);
  ValueCountWindow restored(absl::Minutes(5));
  for (const uint32_t part : {2u, 0u, 1u}) {
    ASSERT_TRUE(restored.RestorePart(window.BucketOf(At(1)), part,
                                     window.EncodePart(window.BucketOf(At(1)), part)));
  }
  EXPECT_EQ(restored.buckets(), window.buckets());
  EXPECT_EQ(restored.Add(At(2), 5000, &change), 1301);
}

}  // namespace
}  // namespace picket::detector
