#include "json/json_end_finder.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

using State = JsonEndFinder::State;

TEST(JsonEndFinderTest, FindsTheEndOfOneValue) {
  for (const std::string value :
       {R"({"a":"}]\"","b":[1,{}]})", R"(["x",[]])", R"("a\\")", "17", "null"}) {
    JsonEndFinder finder;
    finder.Start();
    EXPECT_EQ(finder.Scan(value + ",{}"), State::kComplete) << value;
    EXPECT_EQ(finder.end(), value.size()) << value;
  }
}

TEST(JsonEndFinderTest, AnyDivisionIntoPiecesGivesTheSameEnd) {
  const std::string text = R"({"a":"x\"}","b":[{"c":"\\"},2]} {"next":1})";
  const size_t end = text.find(" {");
  for (size_t cut = 0; cut < text.size(); ++cut) {
    JsonEndFinder finder;
    finder.Start();
    if (finder.Scan(text.substr(0, cut)) == State::kUnfinished) {
      EXPECT_EQ(finder.Scan(text), State::kComplete) << cut;
    }
    EXPECT_EQ(finder.end(), end) << cut;
  }
}

TEST(JsonEndFinderTest, ReportsBracketsThatDoNotMatch) {
  JsonEndFinder finder;
  finder.Start();
  EXPECT_EQ(finder.Scan(R"({"a":[1},{"b":2})"), State::kMismatch);
  EXPECT_EQ(finder.end(), std::string(R"({"a":[1})").size());
}

TEST(JsonEndFinderTest, ReportsALineThatEndsInsideAString) {
  JsonEndFinder finder;
  finder.Start();
  EXPECT_EQ(finder.Scan("{\"a\":\"x\n\"}"), State::kBrokenLine);
  EXPECT_EQ(finder.end(), 7u);
}

TEST(JsonEndFinderTest, OnlyABareWordIsBalancedAtTheEndOfTheText) {
  JsonEndFinder finder;
  finder.Start();
  EXPECT_EQ(finder.Scan("nul"), State::kUnfinished);
  EXPECT_TRUE(finder.is_balanced());
  finder.Start();
  EXPECT_EQ(finder.Scan("[1"), State::kUnfinished);
  EXPECT_FALSE(finder.is_balanced());
  EXPECT_TRUE(finder.IsOneValue("{\"a\":[]}"));
  EXPECT_TRUE(finder.IsOneValue("nul"));
  EXPECT_FALSE(finder.IsOneValue("{} {}"));
  EXPECT_FALSE(finder.IsOneValue("[}"));
  EXPECT_FALSE(finder.IsOneValue("{"));
}

}  // namespace
}  // namespace picket
