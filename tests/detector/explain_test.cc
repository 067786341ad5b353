#include "detector/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Explains why the first rule of `text` matches the event or not. The further documents are
// filters. Returns one line for each part of the rule: "yes" or "no", its depth, its text and the
// reason.
std::vector<std::string> Explain(const std::string& text, const std::string& event,
                                 Explanation* whole = nullptr) {
  std::vector<sigma::RuleFault> faults;
  std::vector<sigma::SigmaDocument> documents = sigma::ReadSigma({"x.yml", text}, faults);
  EXPECT_THAT(faults, IsEmpty()) << Faults(faults);
  std::vector<sigma::SigmaDocument> filters(documents.begin() + 1, documents.end());
  const auto explanation = ExplainRule(documents.at(0), filters, LiteralFieldName, event);
  if (!explanation.ok()) return {std::string(explanation.status().message())};
  if (whole != nullptr) *whole = *explanation;
  std::vector<std::string> lines;
  for (const Explanation::Part& part : explanation->parts) {
    lines.push_back(
        absl::StrCat(part.holds ? "yes " : "no ", part.depth, " ", part.text, " | ", part.why));
  }
  return lines;
}

TEST(ExplainTest, EachPartShowsWhetherItHoldsAndWhatTheEventContains) {
  const std::string rule = RuleText(
      "  selection:\n    Operation: New-InboxRule\n    Size|gt: 5\n    To|contains: ['@', ';']\n"
      "  gone:\n    Gone: x\n  nothing:\n    Nothing: x\n  list:\n    List: x\n"
      "  condition: selection or (gone and nothing and list)\n");
  EXPECT_THAT(
      Explain(rule, R"({"Operation": "new-inboxrule", "Size": 3, "To": "a;b", "Nothing": null,)"
                    R"( "List": []})"),
      ElementsAre("no 0 any of | ", "no 1 selection: all of | ",
                  "yes 2 Operation: 'New-InboxRule' | the event has 'new-inboxrule'",
                  "no 2 Size|gt: > 5 | the event has '3'",
                  "yes 2 To|contains: '*@*', '*;*' | the event has 'a;b'", "no 1 all of | ",
                  "no 2 gone: Gone: 'x' | the event has no such field",
                  "no 2 nothing: Nothing: 'x' | the event has null",
                  "no 2 list: List: 'x' | the event has a list or an object"));
}

TEST(ExplainTest, NegationsKeywordsAndAbsentFieldsAreExplained) {
  Explanation whole;
  EXPECT_THAT(Explain(RuleText("  words: [alpha]\n  other: {B: null}\n"
                               "  condition: other and not words\n"),
                      R"({"A": "beta"})", &whole),
              ElementsAre("yes 0 all of | ", "yes 1 other: B: null | the event has no such field",
                          "yes 1 not | ",
                          "no 2 words: keywords: '*alpha*' | no value of the event matches"));
  EXPECT_TRUE(whole.matches);
}

TEST(ExplainTest, AFilterThatExcludesTheEventIsNamed) {
  const std::string text = absl::StrCat(
      "title: T\nid: abc\nlogsource: {product: m365}\ndetection:\n  s: {A: 1}\n  condition: s\n",
      "---\ntitle: Ours\nlogsource: {product: m365}\nfilter:\n  rules: [abc]\n  own: {B: 2}\n",
      "  condition: not own\n");
  Explanation whole;
  Explain(text, R"({"A": 1, "B": 2})", &whole);
  EXPECT_FALSE(whole.matches);
  EXPECT_THAT(whole.filtered_by, ElementsAre("Ours"));
  Explain(text, R"({"A": 1, "B": 3})", &whole);
  EXPECT_TRUE(whole.matches);
  EXPECT_THAT(whole.filtered_by, IsEmpty());
}

TEST(ExplainTest, AFilterThatNamesSeveralRulesIsApplied) {
  const std::string text = absl::StrCat(
      "title: T\nid: abc\nlogsource: {product: m365}\ndetection:\n  s: {A: 1}\n  condition: s\n",
      "---\ntitle: Ours\nlogsource: {product: m365}\nfilter:\n  rules: [other, abc]\n  own: {B: "
      "2}\n",
      "  condition: not own\n",
      "---\ntitle: Theirs\nlogsource: {product: m365}\nfilter:\n  rules: [other]\n  own: {B: 2}\n",
      "  condition: not own\n");
  Explanation whole;
  Explain(text, R"({"A": 1, "B": 2})", &whole);
  EXPECT_FALSE(whole.matches);
  EXPECT_THAT(whole.filtered_by, ElementsAre("Ours"));
}

TEST(ExplainTest, ALongValueIsCutBetweenCharacters) {
  std::string value(199, 'x');
  value += "é and more";
  const auto lines = Explain(ItemRule("A: y"), absl::StrCat("{\"A\": \"", value, "\"}"));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].ends_with("x…'")) << lines[0];
}

TEST(ExplainTest, AnEventThatIsNotAnObjectIsAnError) {
  EXPECT_THAT(Explain(ItemRule("A: y"), "[1]"), ElementsAre("the event is not a JSON object"));
}

}  // namespace
}  // namespace picket::detector
