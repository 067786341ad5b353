#include "cli/rules/rule_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace picket {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRule[] = R"(
title: A rule forwards mail
id: 5f0c1a52-3c0f-4c0f-9e5f-0d5f0c1a5203
name: forwards
logsource: {product: m365}
detection:
  selection:
    Operation: New-InboxRule
    Parameters.ForwardTo|contains: '@'
  condition: selection
)";

RuleTestReport RunLines(const std::string& lines) {
  const std::string path = testing::TempDir() + "/corpus.jsonl";
  std::ofstream(path) << lines;
  return RunRuleCorpus({{"r/x.yml", kRule}}, path);
}

std::vector<std::string> Failures(const RuleTestReport& report) {
  std::vector<std::string> texts;
  for (const sigma::RuleFault& fault : report.failures) {
    texts.push_back(std::to_string(fault.line) + ": " + fault.message);
  }
  return texts;
}

TEST(RuleCorpusTest, ARuleOfTheFolderOrOfTheLineIsTestedOnAnEventOrARecord) {
  const RuleTestReport report = RunLines(
      R"({"rule": "forwards", "record": {"Operation": "New-InboxRule", "Workload": "Exchange",)"
      R"( "CreationTime": "2026-03-02T09:00:00", "Id": "1", "RecordType": 1, "UserId": "a@b.c",)"
      R"( "Parameters": [{"Name": "ForwardTo", "Value": "x@y.example"}]}, "expected": true})"
      "\n\n"
      R"({"rule": "forwards", "record": {"Operation": "New-InboxRule", "Workload": "Exchange",)"
      R"( "CreationTime": "2026-03-02T09:00:00", "Id": "1", "RecordType": 1, "UserId": "a@b.c",)"
      R"( "Parameters": [{"Name": "MoveToFolder", "Value": "x@y"}]}, "expected": false})"
      "\n"
      R"({"rule_yaml": "title: t\nlogsource: {product: p}\ndetection:\n  s: {A: 1}\n  condition: s",)"
      R"( "event": {"A": 1}, "expected": true})"
      "\n"
      R"({"rule_yaml": "title: t\nlogsource: {product: p}\ndetection:\n  s: {A: 1}\n  condition: s",)"
      R"( "event": {"A": 2}, "expected": false})");
  EXPECT_THAT(Failures(report), IsEmpty());
  EXPECT_EQ(report.tests, 4);
  EXPECT_EQ(report.passed, 4);
}

TEST(RuleCorpusTest, AFaultIsReportedWithItsLineAndTheOtherLinesRun) {
  const RuleTestReport report = RunLines(
      "nonsense\n"
      "{\"rule\": \"forwards\", \"event\": {}}\n"
      "{\"rule\": \"forwards\", \"expected\": true}\n"
      "{\"rule\": \"other\", \"event\": {}, \"expected\": true}\n"
      "{\"rule\": \"forwards\", \"name\": \"empty\", \"event\": {}, \"expected\": true}\n"
      "{\"rule_yaml\": \"title: t\", \"event\": {}, \"expected\": false}\n"
      "{\"rule\": \"forwards\", \"event\": {}, \"expected\": false}\n");
  EXPECT_THAT(Failures(report),
              ElementsAre(HasSubstr("1: the line is not a JSON object"),
                          HasSubstr("2: 'expected' must be"), HasSubstr("3: give either 'event'"),
                          HasSubstr("4: no rule has the id, name, title or file name 'other'"),
                          HasSubstr("5: 'empty': expected a match, got none"),
                          HasSubstr("6: the rule does not load")));
  EXPECT_EQ(report.passed, 1);
}

TEST(RuleCorpusTest, AnEmptyCorpusFails) {
  EXPECT_THAT(Failures(RunLines("\n\n")), ElementsAre(HasSubstr("contains no test")));
}

}  // namespace
}  // namespace picket
