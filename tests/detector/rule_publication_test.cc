#include "detector/rule_publication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

std::string Rule(std::string_view id, std::string_view operation = "New-InboxRule") {
  return absl::StrCat("title: Rule ", ToAbsl(id), "\nid: ", ToAbsl(id),
                      "\nlogsource: {product: m365}\ndetection:\n  s: {Operation: ",
                      ToAbsl(operation), "}\n  condition: s\n");
}

std::string Correlation(std::string_view id, std::string_view rule) {
  return absl::StrCat("title: Many\nid: ", ToAbsl(id), "\ncorrelation:\n  type: event_count\n",
                      "  rules: [", ToAbsl(rule), "]\n  timespan: 5m\n  condition: {gte: 3}\n");
}

TEST(RulePublicationTest, OnlyDifferentDocumentsAreWritten) {
  std::vector<sigma::RuleFault> faults;
  const RulePublication plan = PlanPublication(
      {{"a.yml", Rule("a")}, {"b.yml", Rule("b", "Set-InboxRule")}, {"c.yml", Rule("c")}},
      {{"a", Rule("a")}, {"b", Rule("b")}, {"z", Rule("z")}}, false, faults);
  EXPECT_EQ(Faults(faults), "");
  EXPECT_THAT(plan.added, ElementsAre(Key("c")));
  EXPECT_THAT(plan.changed, ElementsAre(Key("b")));
  EXPECT_THAT(plan.removed, IsEmpty());
  EXPECT_THAT(plan.kept, ElementsAre("z"));
  EXPECT_EQ(plan.unchanged, 1u);
}

TEST(RulePublicationTest, PruneRemovesRulesThatAreInNoFile) {
  std::vector<sigma::RuleFault> faults;
  const RulePublication plan =
      PlanPublication({{"a.yml", Rule("a")}}, {{"a", Rule("a")}, {"z", Rule("z")}}, true, faults);
  EXPECT_EQ(Faults(faults), "");
  EXPECT_THAT(plan.removed, ElementsAre("z"));
  EXPECT_THAT(plan.kept, IsEmpty());
}

TEST(RulePublicationTest, AFileIsSplitIntoItsDocuments) {
  std::vector<sigma::RuleFault> faults;
  const sigma::RuleFile file{"a.yml", absl::StrCat("# head\n", Rule("a"), "--- # next\n", Rule("b"),
                                                   "---\n", Correlation("c", "b"))};
  const PublishedRules documents = SplitDocuments(file, faults);
  EXPECT_EQ(Faults(faults), "");
  EXPECT_THAT(documents, ElementsAre(Key("a"), Key("b"), Key("c")));
  EXPECT_THAT(documents.at("b"), HasSubstr("id: b"));
  EXPECT_EQ(documents.at("b").find("id: a"), std::string::npos);
}

TEST(RulePublicationTest, DocumentsThatShareAnActionCannotBePublished) {
  std::vector<sigma::RuleFault> faults;
  SplitDocuments({"a.yml",
                  "action: global\ntitle: T\nlogsource: {product: m365}\n---\nid: a\n"
                  "detection: {s: {a: b}, condition: s}\n"},
                 faults);
  EXPECT_THAT(Faults(faults), HasSubstr("share parts"));
}

TEST(RulePublicationTest, ARuleWithoutAnIdCannotBePublished) {
  std::vector<sigma::RuleFault> faults;
  SplitDocuments({"a.yml", ItemRule("a: b")}, faults);
  EXPECT_THAT(Faults(faults), HasSubstr("a.yml:1:1: give the rule an id"));
}

TEST(RulePublicationTest, AFaultOfAFileIsReportedOnce) {
  std::vector<sigma::RuleFault> faults;
  PlanPublication({{"a.yml", "title: broken\n"}}, {}, false, faults);
  EXPECT_EQ(faults.size(), 1u) << Faults(faults);
}

TEST(RulePublicationTest, RulesThatStayOnTheTopicMustCompileWithTheNewOnes) {
  // The correlation counts the rule `a`. That rule is on the topic but not among the new files. The
  // plan removes it from the topic only if the third argument (`prune`) is true.
  const PublishedRules on_topic = {{"a", Rule("a")}, {"many", Correlation("many", "a")}};
  std::vector<sigma::RuleFault> faults;
  PlanPublication({{"many.yml", Correlation("many", "a")}}, on_topic, false, faults);
  EXPECT_EQ(Faults(faults), "");
  PlanPublication({{"many.yml", Correlation("many", "a")}}, on_topic, true, faults);
  EXPECT_THAT(Faults(faults), HasSubstr("many.yml:5:11: no rule is called 'a'"));
}

}  // namespace
}  // namespace picket::detector
