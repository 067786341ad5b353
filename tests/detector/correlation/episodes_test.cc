#include "detector/correlation/episodes.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace picket::detector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kSpan = 10;

std::vector<std::pair<int64_t, int64_t>> All(const Episodes& episodes) {
  std::vector<std::pair<int64_t, int64_t>> all;
  for (const Episode& episode : episodes.all()) all.emplace_back(episode.start, episode.end);
  return all;
}

TEST(EpisodesTest, WithoutEpisodesNothingIsExtended) {
  Episodes episodes;
  EXPECT_FALSE(episodes.Extend(0, 5, kSpan));
  EXPECT_THAT(All(episodes), IsEmpty());
}

TEST(EpisodesTest, AnEventWithinATimespanExtendsAnEpisodeOnBothSides) {
  Episodes episodes;
  EXPECT_FALSE(episodes.Open(100, 110));
  EXPECT_TRUE(episodes.Extend(120, 120, kSpan));
  EXPECT_TRUE(episodes.Extend(90, 90, kSpan));
  EXPECT_THAT(All(episodes), ElementsAre(std::pair<int64_t, int64_t>(90, 120)));
  EXPECT_FALSE(episodes.Extend(131, 131, kSpan));
  EXPECT_FALSE(episodes.Extend(79, 79, kSpan));
}

TEST(EpisodesTest, AnExtendedEpisodeMergesWithANeighbourThatItReaches) {
  Episodes episodes;
  episodes.Open(200, 210);
  episodes.Open(100, 110);
  episodes.Open(300, 310);
  EXPECT_TRUE(episodes.Extend(110, 195, kSpan));
  EXPECT_THAT(All(episodes), ElementsAre(std::pair<int64_t, int64_t>(100, 210),
                                         std::pair<int64_t, int64_t>(300, 310)));
}

TEST(EpisodesTest, BeyondTheLimitTheTwoOldestAreMerged) {
  Episodes episodes;
  for (size_t i = 0; i < Episodes::kMax; ++i) {
    EXPECT_FALSE(episodes.Open(static_cast<int64_t>(i) * 100, static_cast<int64_t>(i) * 100 + 1));
  }
  EXPECT_TRUE(episodes.Open(1'000'000, 1'000'001));
  EXPECT_EQ(episodes.all().size(), Episodes::kMax);
  EXPECT_EQ(episodes.all().front().start, 0);
  EXPECT_EQ(episodes.all().front().end, 101);
}

}  // namespace
}  // namespace picket::detector
