#include "sigma/placeholders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "detector/matching/matcher.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

sigma::SigmaDocument Read(const std::string& text) {
  std::vector<sigma::RuleFault> faults;
  std::vector<sigma::SigmaDocument> documents = sigma::ReadSigma({"x.yml", text}, faults);
  EXPECT_EQ(Faults(faults), "") << text;
  EXPECT_EQ(documents.size(), 1u);
  return documents.front();
}

std::shared_ptr<const RuleSet> Compiled(sigma::SigmaDocument document) {
  std::vector<sigma::RuleFault> faults;
  auto set = RuleSet::Compile(std::vector<sigma::SigmaDocument>{std::move(document)},
                              LiteralFieldName, faults);
  EXPECT_EQ(Faults(faults), "");
  return set;
}

bool Holds(Matcher& matcher, const std::string& event) { return !matcher.Match(event).empty(); }

sigma::SigmaDocument Gate(sigma::SigmaDocument document) {
  document.expression = sigma::WithoutPlaceholders(document.expression);
  return document;
}

TEST(WithoutPlaceholdersTest, AnExpressionWithoutPlaceholdersIsUnchanged) {
  const sigma::SigmaDocument document = Read(ItemRule("a: b"));
  EXPECT_EQ(sigma::WithoutPlaceholders(document.expression), document.expression);
}

TEST(WithoutPlaceholdersTest, ANegatedPlaceholderIsDroppedAndTheRestStays) {
  const sigma::SigmaDocument document =
      Read(RuleText("  s: {a: b}\n  known: {'c|expand': '%l%'}\n  condition: s and not known\n"));
  Matcher gate(Compiled(Gate(document)));
  EXPECT_TRUE(Holds(gate, R"({"a":"b","c":"x"})"));
  EXPECT_FALSE(Holds(gate, R"({"a":"x","c":"x"})"));
}

TEST(WithoutPlaceholdersTest, APlaceholderAloneBecomesAnExpressionThatAlwaysHolds) {
  Matcher gate(Compiled(Gate(Read(ItemRule("'c|expand': '%l%'")))));
  EXPECT_TRUE(Holds(gate, R"({"a":"b"})"));
  EXPECT_TRUE(Holds(gate, R"({"Operation":"x"})"));
  EXPECT_TRUE(Holds(gate, R"({"Operation":null})"));
}

// Uses random rules, value lists and events. If a rule with its value lists matches an event, the
// result of WithoutPlaceholders for that rule must match the event, too.
TEST(WithoutPlaceholdersTest, TheResultHoldsWheneverTheRuleHolds) {
  std::mt19937 random(7);
  const auto pick = [&random](int n) { return static_cast<int>(random() % n); };
  const auto value = [&] { return std::string(1, static_cast<char>('x' + pick(3))); };
  const std::function<std::string(int)> condition = [&](int depth) -> std::string {
    const int kind = depth == 0 ? 0 : pick(4);
    if (kind == 0) return absl::StrCat("s", pick(6));
    if (kind == 1) return absl::StrCat("not (", condition(depth - 1), ")");
    return absl::StrCat("(", condition(depth - 1), kind == 2 ? " and " : " or ",
                        condition(depth - 1), ")");
  };
  int held = 0, gated = 0;
  for (int round = 0; round < 300; ++round) {
    std::string detection;
    for (int i = 0; i < 6; ++i) {
      const std::string field(1, static_cast<char>('a' + pick(3)));
      if (i % 2 == 0) {
        absl::StrAppend(&detection, "  s", i, ": {'", field, "': ", value(), "}\n");
      } else {
        absl::StrAppend(&detection, "  s", i, ": {'", field, "|expand': '%l", pick(2), "%'}\n");
      }
    }
    const std::string text = RuleText(absl::StrCat(detection, "  condition: ", condition(4), "\n"));
    sigma::SigmaDocument document = Read(text);
    Matcher gate(Compiled(Gate(document)));
    std::vector<sigma::RuleFault> faults;
    ASSERT_TRUE(sigma::ResolvePlaceholders({{"l0", {value()}}, {"l1", {value(), value()}}},
                                           document, faults));
    Matcher exact(Compiled(document));
    for (int e = 0; e < 20; ++e) {
      std::string event = "{\"z\":1";
      for (const char* field : {"a", "b", "c"}) {
        if (pick(4) != 0) absl::StrAppend(&event, ",\"", field, "\":\"", value(), "\"");
      }
      event += "}";
      const bool holds = Holds(exact, event), may_hold = Holds(gate, event);
      held += holds;
      gated += !may_hold;
      ASSERT_TRUE(!holds || may_hold) << text << event;
    }
  }
  EXPECT_GT(held, 500);
  EXPECT_GT(gated, 500) << "a gate that is always open proves nothing";
}

}  // namespace
}  // namespace picket::detector
