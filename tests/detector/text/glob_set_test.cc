#include "detector/text/glob_set.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "detector/text/fold.h"

namespace picket::detector {
namespace {

// Matches a pattern by trying every length for each `*`.
bool MatchesSlowly(const sigma::Glob& glob, size_t part, std::string_view text) {
  if (part == glob.size()) return text.empty();
  switch (glob[part].kind) {
    case sigma::GlobPart::Kind::kText:
      return text.starts_with(glob[part].text) &&
             MatchesSlowly(glob, part + 1, text.substr(glob[part].text.size()));
    case sigma::GlobPart::Kind::kAnyOne:
      return !text.empty() && MatchesSlowly(glob, part + 1, text.substr(1));
    case sigma::GlobPart::Kind::kAnyRun:
      for (size_t skip = 0; skip <= text.size(); ++skip) {
        if (MatchesSlowly(glob, part + 1, text.substr(skip))) return true;
      }
  }
  return false;
}

class Letters {
 public:
  explicit Letters(uint32_t seed) : random_(seed) {}
  std::string Pick(std::string_view letters, size_t most) {
    std::string text;
    for (size_t size = random_() % (most + 1); size > 0; --size) {
      text += letters[random_() % letters.size()];
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

TEST(GlobSetTest, ASetMatchesTheTextsThatOneOfItsPatternsMatches) {
  int matches = 0, others = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    Letters letters(seed);
    std::vector<GlobSet::Pattern> patterns;
    for (int i = 0; i < 12; ++i) {
      const bool is_cased = i % 4 == 0;
      sigma::Glob glob = sigma::ParseGlob(letters.Pick(is_cased ? "abAB**?" : "abc**?", 7));
      patterns.push_back({std::move(glob), is_cased});
    }
    const GlobSet set(patterns);
    GlobSet::Scratch scratch;
    for (int i = 0; i < 40; ++i) {
      const std::string text = letters.Pick("abcABC", 9), folded = Folded(text);
      bool expected = false;
      for (const GlobSet::Pattern& pattern : patterns) {
        const bool holds = MatchesSlowly(pattern.glob, 0, pattern.cased ? text : folded);
        EXPECT_EQ(MatchesGlob(pattern.glob, pattern.cased ? text : folded), holds)
            << sigma::PatternText(pattern.glob) << " " << text;
        expected |= holds;
      }
      const auto unfolded = [&] { return std::string_view(text); };
      EXPECT_EQ(set.Matches(folded, unfolded, scratch), expected) << seed << " " << text;
      ++(expected ? matches : others);
    }
  }
  EXPECT_GT(matches, 1000);
  EXPECT_GT(others, 1000);
}

TEST(GlobSetTest, PatternsWithoutALiteralAreTried) {
  GlobSet::Scratch scratch;
  const auto none = [] { return std::string_view(); };
  const GlobSet two({{sigma::ParseGlob("??"), false}, {sigma::ParseGlob("*x*y*"), false}});
  EXPECT_TRUE(two.Matches("ab", none, scratch));
  EXPECT_FALSE(two.Matches("abc", none, scratch));
  EXPECT_TRUE(two.Matches("axby", none, scratch));
  const GlobSet empty({});
  EXPECT_FALSE(empty.Matches("ab", none, scratch));
}

}  // namespace
}  // namespace picket::detector
