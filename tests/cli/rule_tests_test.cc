#include "cli/rule_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace picket {
namespace {

using detector::RuleFault;
using detector::RuleFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<RuleFault>& faults) {
  std::vector<std::string> texts;
  for (const RuleFault& fault : faults) texts.push_back(fault.ToString());
  return texts;
}

constexpr char kRule[] = R"(
title: A rule forwards mail
id: 5f0c1a52-3c0f-4c0f-9e5f-0d5f0c1a5203
logsource: {product: m365}
detection:
  selection:
    Operation: New-InboxRule
    Parameters.ForwardTo|contains: '@'
  condition: selection
)";

constexpr char kTests[] = R"(
tests:
  - name: forwards
    expect: match
    events:
      - Operation: New-InboxRule
        Workload: Exchange
        RecordType: 1
        UserId: adele@contoso.com
        Parameters:
          - {Name: ForwardTo, Value: mallory@example.net}
)";

RuleTestReport RunWith(const std::string& more_tests) {
  return RunRuleTests({{"r/x.yml", kRule}}, {{"r/x.test.yml", kTests + more_tests}});
}

TEST(RuleTestsTest, AMatchAndItsCloseMissPass) {
  const RuleTestReport report = RunWith(
      "  - name: forwards nothing\n    expect: no_match\n    based_on: forwards\n"
      "    remove: [Parameters.ForwardTo]\n");
  EXPECT_THAT(Texts(report.failures), IsEmpty());
  EXPECT_EQ(report.rules, 1);
  EXPECT_EQ(report.tests, 2);
  EXPECT_EQ(report.passed, 2);
}

TEST(RuleTestsTest, AWrongExpectationIsNamedWithItsPlace) {
  const RuleTestReport report = RunWith(
      "  - name: another operation\n    expect: match\n    based_on: forwards\n"
      "    set: {Operation: Set-InboxRule}\n"
      "  - name: forwards after all\n    expect: no_match\n    based_on: forwards\n"
      "    set: {UserId: bob@contoso.com}\n");
  EXPECT_THAT(Texts(report.failures),
              ElementsAre("r/x.test.yml:12:5: 'another operation': expected an alert, got none",
                          "r/x.test.yml:16:5: 'forwards after all': expected no alert, got 1"));
}

TEST(RuleTestsTest, ARuleNeedsAMissThatDiffersInOneField) {
  EXPECT_THAT(Texts(RunWith("").failures),
              ElementsAre(HasSubstr("no test that must not match differs in one field")));
  const RuleTestReport two = RunWith(
      "  - name: two differences\n    expect: no_match\n    based_on: forwards\n"
      "    set: {Operation: X, UserId: bob@contoso.com}\n");
  EXPECT_THAT(Texts(two.failures), ElementsAre(HasSubstr("differs in one field")));
}

TEST(RuleTestsTest, AChangeThatChangesNothingIsAFault) {
  EXPECT_THAT(
      Texts(RunWith("  - name: same\n    expect: match\n    based_on: forwards\n"
                    "    set: {Operation: New-InboxRule}\n")
                .failures),
      ::testing::Contains(HasSubstr("x.test.yml:15:11: 'Operation' has this value already")));
  EXPECT_THAT(Texts(RunWith("  - name: none\n    expect: match\n    based_on: forwards\n"
                            "    remove: [Parameters.Name]\n")
                        .failures),
              ::testing::Contains(HasSubstr("there is no 'Parameters.Name' to remove")));
}

TEST(RuleTestsTest, UnknownKeysAndNamesAreFaults) {
  EXPECT_THAT(Texts(RunWith("  - name: y\n    expects: match\n").failures),
              ::testing::Contains(HasSubstr("unknown key 'expects'; known are name")));
  EXPECT_THAT(Texts(RunWith("  - name: y\n    expect: match\n    based_on: nobody\n").failures),
              ::testing::Contains(HasSubstr("no test above is called 'nobody'")));
  EXPECT_THAT(Texts(RunWith("  - name: forwards\n    expect: match\n").failures),
              ::testing::Contains(HasSubstr("another test of the file has this name")));
}

TEST(RuleTestsTest, ARuleWithoutTestsAndTestsWithoutARuleAreFaults) {
  const RuleTestReport report = RunRuleTests({{"r/x.yml", kRule}}, {{"r/y.test.yml", kTests}});
  EXPECT_THAT(Texts(report.failures),
              ElementsAre(HasSubstr("r/x.yml:1:1: the rule has no tests: write r/x.test.yml"),
                          HasSubstr("r/y.test.yml:1:1: there is no rule file beside these tests")));
}

TEST(RuleTestsTest, RepeatedRecordsCountInTheirWindow) {
  constexpr char kCount[] = R"(
title: Download
name: download
id: 5f0c1a52-3c0f-4c0f-9e5f-0d5f0c1a5204
logsource: {product: m365}
detection: {s: {Operation: FileDownloaded}, condition: s}
---
title: Three downloads in a minute
id: 5f0c1a52-3c0f-4c0f-9e5f-0d5f0c1a5205
correlation: {type: event_count, rules: [download], group-by: [UserId], timespan: 1m, condition: {gte: 3}}
)";
  constexpr char kCountTests[] = R"(
tests:
  - name: three
    alerts: 1
    events: [{Operation: FileDownloaded, Workload: OneDrive, RecordType: 6, UserId: a@x.com}]
    repeat: 3
    step_secs: 20
  - name: two
    alerts: 0
    based_on: three
    repeat: 2
  - name: three users
    alerts: 0
    based_on: three
    each: {UserId: ['u{n}@x.com']}
  - name: too slow
    alerts: 0
    based_on: three
    step_secs: 40
  - name: last first
    alerts: 1
    based_on: three
    order: reversed
)";
  const RuleTestReport report = RunRuleTests({{"c.yml", kCount}}, {{"c.test.yml", kCountTests}});
  EXPECT_THAT(Texts(report.failures), IsEmpty());
  EXPECT_EQ(report.passed, 5);
}

TEST(RulePackTest, EveryRuleOfThePackPassesItsTests) {
  std::vector<RuleFault> faults;
  const std::vector<RuleFile> rules = detector::ReadRuleFiles("rules", faults);
  const std::vector<RuleFile> tests = ReadRuleTestFiles("rules", faults);
  ASSERT_GE(rules.size(), 12u);
  const RuleTestReport report = RunRuleTests(rules, tests);
  EXPECT_THAT(Texts(faults), IsEmpty());
  EXPECT_THAT(Texts(report.failures), IsEmpty());
  EXPECT_EQ(report.passed, report.tests);
}

}  // namespace
}  // namespace picket
