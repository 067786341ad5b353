#include "detector/matching/witness_planner.h"

#include <gmock/gmock.h>
#include <re2/re2.h>

#include <random>

#include "detector/matching/atoms.h"
#include "detector/matching/rule_index.h"
#include "detector/text/fold.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

size_t AlwaysAsked(std::string_view detection) {
  const CompiledText compiled = CompileText(RuleText(detection));
  EXPECT_EQ(Faults(compiled.faults), "");
  return compiled.rules->compiled().index->always().size();
}

TEST(WitnessPlannerTest, ANegationThatExcludesAbsenceHasItsFieldAsWitness) {
  const std::string parts = "  a:\n    Image: null\n  b:\n    Image|contains: x\n";
  EXPECT_EQ(AlwaysAsked(parts + "  condition: not a and not b\n"), 0U);
  EXPECT_EQ(AlwaysAsked(parts + "  condition: not (a or b)\n"), 0U);
  EXPECT_EQ(AlwaysAsked(parts + "  condition: not 1 of them\n"), 0U);
  EXPECT_EQ(AlwaysAsked(parts + "  condition: not (a or (a and b))\n"), 0U);
  EXPECT_EQ(AlwaysAsked(parts + "  condition: not a or b\n"), 0U);
  // The following conditions can hold for an event without the field `Image`. Therefore, their
  // rules have no witness and are evaluated for every event.
  EXPECT_EQ(AlwaysAsked(parts + "  condition: not b\n"), 1U);
  EXPECT_EQ(AlwaysAsked(parts + "  condition: not (a and b)\n"), 1U);
  EXPECT_EQ(AlwaysAsked(parts + "  condition: a\n"), 1U);
}

TEST(WitnessPlannerTest, CheapRareConjunctsComeFirstAndTheWitnessLast) {
  const CompiledText compiled =
      CompileText(RuleText("  selection:\n"
                           "    A: a-rather-long-text-that-is-the-witness\n"
                           "    B|re: 'b.*c'\n"
                           "    C|startswith: common\n"
                           "  filter:\n"
                           "    D: d\n"
                           "  condition: selection and not filter\n"));
  ASSERT_EQ(Faults(compiled.faults), "");
  const RuleSet::Compiled& rules = compiled.rules->compiled();
  std::vector<std::string> order;
  for (const Term& part : rules.conjuncts) {
    ASSERT_EQ(part.is_predicate, 1U);
    for (const auto& [field, name] : rules.names_of_rule[0]) {
      if (field != rules.predicates[part.index].field) continue;
      order.push_back((part.is_negated != 0 ? "not " : "") + name);
    }
  }
  EXPECT_THAT(order, ElementsAre("C", "not D", "B", "A"));
}

TEST(WitnessPlannerTest, ARegexRequiresTheLongestLiteralOfEveryMatch) {
  EXPECT_THAT(LiteralsOfRegex(R"((?i)\.exe["']?\s+[^"]{0,64}WerFaultSecure\.exe)"),
              ElementsAre("werfaultsecure.exe"));
  EXPECT_THAT(LiteralsOfRegex("net user|sc stop"), SizeIs(2));
  EXPECT_THAT(LiteralsOfRegex(R"(\w+`(?:\w+|-|.)`[\w+|\s])"), ElementsAre("`"));
  EXPECT_THAT(LiteralsOfRegex(R"(-(W|R)\s?[0-9a-f]{2})"), UnorderedElementsAre("-r", "-w"));
  EXPECT_THAT(LiteralsOfRegex("ab.ba"), IsEmpty());
  EXPECT_THAT(LiteralsOfRegex("a.b"), IsEmpty());
  EXPECT_THAT(LiteralsOfRegex(".*"), IsEmpty());
  EXPECT_THAT(LiteralsOfRegex("übung"), IsEmpty());
  EXPECT_THAT(LiteralsOfRegex("(unclosed"), IsEmpty());
}

TEST(WitnessPlannerTest, EveryMatchOfARegexContainsARequiredLiteral) {
  const std::vector<std::string> patterns = {
      "(?i)kiss+",          "KISS|miss",         "(?i)s(k|\\{)i+s",     "\\w+`(?:\\w+|-|.)`",
      "\"(?:\\{\\d\\})+\"", "(?i)[km]is{2,3}",   "^kis.*s$|\\$\\{s\\}", "(?i)\\$\\{`?k`?i`?\\}",
      "ki(?:s|ss)+m",       "-(?:K|s)\\W?[1-9i]"};
  // The Kelvin sign (\u212A) and the long s (\u017F) fold to k and s.
  const std::vector<std::string> pieces = {"k", "K", "\u212A", "i", "I", "s", "S",  "\u017F", "m",
                                           "`", "-", "{",      "}", "$", "1", "\"", " "};
  std::mt19937 random(7);
  size_t matches = 0;
  for (const std::string& pattern : patterns) {
    const RE2 regex(pattern, RE2::Quiet);
    ASSERT_TRUE(regex.ok()) << pattern;
    const std::vector<std::string> needs = LiteralsOfRegex(pattern);
    for (int i = 0; i < 60'000; ++i) {
      std::string text;
      for (size_t count = 1 + random() % 8; count > 0; --count) {
        text += pieces[random() % pieces.size()];
      }
      if (needs.empty() || !RE2::PartialMatch(text, regex)) continue;
      ++matches;
      const std::string folded = Folded(text);
      EXPECT_TRUE(std::any_of(
          needs.begin(), needs.end(),
          [&](const std::string& literal) { return folded.find(literal) != std::string::npos; }))
          << pattern << " in " << text;
    }
  }
  EXPECT_GT(matches, 100U);
}

}  // namespace
}  // namespace picket::detector
