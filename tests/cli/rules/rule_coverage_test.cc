#include "cli/rules/rule_coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace picket {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

RuleCoverage CoverageOfRule(const std::string& detection) {
  std::vector<sigma::RuleFault> faults;
  const std::string text =
      absl::StrCat("title: One\nid: 1\ntags: [attack.collection, attack.t1114.003]\n",
                   "logsource: {product: m365}\ndetection:\n", detection);
  RuleCoverage coverage = CoverageOf({{"x.yml", text}}, faults);
  EXPECT_THAT(faults, IsEmpty()) << faults[0].ToString();
  return coverage;
}

TEST(RuleCoverageTest, TacticsTechniquesAndOperationsNameTheirRules) {
  const RuleCoverage coverage = CoverageOfRule(
      "  a: {Operation: [New-InboxRule, '*-Unheard']}\n"
      "  b: {Operation: Set-Mailbox}\n  condition: a and not b\n");
  EXPECT_THAT(coverage.tactics.at("TA0009").rules, ElementsAre("One"));
  EXPECT_THAT(coverage.tactics.at("TA0040").rules, IsEmpty());
  EXPECT_EQ(coverage.techniques.at("T1114.003").name, "Email Forwarding Rule");
  ASSERT_EQ(coverage.operations.size(), 2u) << "an excluded operation is not covered";
  EXPECT_TRUE(coverage.operations.at("New-InboxRule").has_row);
  EXPECT_FALSE(coverage.operations.at("*-Unheard").has_row);
  EXPECT_THAT(CoverageText(coverage), HasSubstr("New-InboxRule"));
  EXPECT_THAT(CoverageJson(coverage), HasSubstr("\"uid\":\"T1114.003\""));
}

struct Case {
  const char* detection;
  bool never;
};

TEST(RuleCoverageTest, ARuleThatNeedsAnUnknownFieldCanNeverMatch) {
  const Case cases[] = {
      {"  a: {properties.mesage: x}\n  condition: a\n", true},
      {"  a: {Operation: x, CommandLine: y}\n  condition: a\n", true},
      {"  a: {Operation: x}\n  b: {CommandLine: y}\n  condition: a or b\n", false},
      {"  a: {Operation: x}\n  b: {CommandLine: y}\n  condition: a and not b\n", false},
      {"  a: {Operation: x}\n  b: {CommandLine: null}\n  condition: a and b\n", false},
      {"  a: {Operation: x}\n  b: {CommandLine: null}\n  condition: a and not b\n", true},
      {"  a: {CommandLine|exists: false}\n  condition: a\n", false},
      {"  a: {Parameters.ForwardTo: x, ModifiedProperties.Any.NewValue: y}\n  condition: a\n",
       false},
      {"  a: {actor.user.name: x, o365.audit.LogonError: y, user.id: z}\n  condition: a\n", false},
      {"  a: [keyword]\n  condition: a\n", false},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(CoverageOfRule(each.detection).never.size(), each.never ? 1u : 0u) << each.detection;
  }
  EXPECT_THAT(CoverageOfRule(cases[1].detection).never[0].ToString(),
              HasSubstr("'One' can never match: no record has CommandLine"));
}

}  // namespace
}  // namespace picket
