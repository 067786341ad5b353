#include "cli/suggestion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace picket {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string>& Names() {
  static const auto* const names = new std::vector<std::string>{
      "fetch", "parse", "detect", "normalize", "replay", "rules", "topics", "config"};
  return *names;
}

TEST(SuggestionTest, ALetterThatIsWrongMissingSuperfluousOrSwappedIsForgiven) {
  EXPECT_THAT(NearestNames("replsy", Names()), ElementsAre("replay"));
  EXPECT_THAT(NearestNames("relay", Names()), ElementsAre("replay"));
  EXPECT_THAT(NearestNames("replayy", Names()), ElementsAre("replay"));
  EXPECT_THAT(NearestNames("relpay", Names()), ElementsAre("replay"));
  EXPECT_THAT(NearestNames("RULES", Names()), ElementsAre("rules"));
}

TEST(SuggestionTest, TheBeginningOfANameIsEnough) {
  EXPECT_THAT(NearestNames("norm", Names()), ElementsAre("normalize"));
}

TEST(SuggestionTest, OnlyTheNearestNamesAreSuggested) {
  EXPECT_THAT(NearestNames("rule", {"rules", "rulez", "ruin"}), ElementsAre("rules", "rulez"));
}

TEST(SuggestionTest, AWordThatIsLikeNothingGetsNoSuggestion) {
  EXPECT_THAT(NearestNames("frobnicate", Names()), IsEmpty());
  EXPECT_THAT(NearestNames("", Names()), IsEmpty());
}

TEST(SuggestionTest, TheQuestionNamesAllOfThem) {
  EXPECT_EQ(DidYouMean({}), "");
  EXPECT_EQ(DidYouMean({"a"}), "; did you mean 'a'?");
  EXPECT_EQ(DidYouMean({"a", "b"}), "; did you mean 'a' or 'b'?");
  EXPECT_EQ(DidYouMean({"a", "b", "c"}), "; did you mean 'a', 'b' or 'c'?");
}

}  // namespace
}  // namespace picket
