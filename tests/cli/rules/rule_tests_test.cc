#include "cli/rules/rule_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "sigma/yaml_document.h"

namespace picket {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<sigma::RuleFault>& faults) {
  std::vector<std::string> texts;
  for (const sigma::RuleFault& fault : faults) texts.push_back(fault.ToString());
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

TEST(RuleTestsTest, AMatchAndANearMissPass) {
  const RuleTestReport report = RunWith(
      "  - name: forwards nothing\n    expect: no_match\n    based_on: forwards\n"
      "    remove: [Parameters.ForwardTo]\n");
  EXPECT_THAT(Texts(report.failures), IsEmpty());
  EXPECT_EQ(report.rules, 1);
  EXPECT_EQ(report.tests, 2);
  EXPECT_EQ(report.passed, 2);
}

TEST(RuleTestsTest, AWrongExpectationIsReportedWithItsPosition) {
  const RuleTestReport report = RunWith(
      "  - name: another operation\n    expect: match\n    based_on: forwards\n"
      "    set: {Operation: Set-InboxRule}\n"
      "  - name: forwards after all\n    expect: no_match\n    based_on: forwards\n"
      "    set: {UserId: bob@contoso.com}\n");
  EXPECT_THAT(Texts(report.failures),
              ElementsAre("r/x.test.yml:12:5: 'another operation': expected an alert, got none",
                          "r/x.test.yml:16:5: 'forwards after all': expected no alert, got 1"));
}

TEST(RuleTestsTest, ARuleNeedsATestWithoutAMatchThatDiffersInOneField) {
  EXPECT_THAT(Texts(RunWith("").failures),
              ElementsAre(HasSubstr("no test that expects no match differs in one field")));
  const RuleTestReport two = RunWith(
      "  - name: two differences\n    expect: no_match\n    based_on: forwards\n"
      "    set: {Operation: X, UserId: bob@contoso.com}\n");
  EXPECT_THAT(Texts(two.failures),
              ElementsAre(HasSubstr(
                  "x.test.yml:12:5: no test that expects no match differs in one field from "
                  "a test that expects one: the nearest, 'two differences', differs in Operation, "
                  "UserId")));
  // `set` contains only the key Parameters. However, Parameters is a list of Name/Value pairs, and
  // each pair counts as a field of its own.
  const RuleTestReport whole = RunWith(
      "  - name: other parameters\n    expect: no_match\n    based_on: forwards\n"
      "    set: {Parameters: [{Name: From, Value: a}, {Name: Force, Value: b}]}\n");
  EXPECT_THAT(Texts(whole.failures),
              ElementsAre(HasSubstr("differs in Parameters.Force, Parameters.ForwardTo, "
                                    "Parameters.From")));
  const RuleTestReport others = RunWith(
      "  - name: other events\n    expect: no_match\n    based_on: forwards\n"
      "    events: [{Operation: X, Workload: Exchange, RecordType: 1, UserId: a@x.com}]\n");
  EXPECT_THAT(Texts(others.failures), ElementsAre(HasSubstr("Operation, Parameters")));
}

TEST(RuleTestsTest, ANestedFieldCountsAsOneField) {
  const RuleTestReport report = RunWith(
      "  - name: the same in whole\n    expect: no_match\n    based_on: forwards\n"
      "    set: {Parameters: [{Name: ForwardTo, Value: a colleague}]}\n");
  EXPECT_THAT(Texts(report.failures), IsEmpty());
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
  EXPECT_THAT(
      Texts(report.failures),
      ElementsAre(HasSubstr("r/x.yml:1:1: the rule has no tests: write r/x.test.yml"),
                  HasSubstr("r/y.test.yml:1:1: there is no rule file next to these tests")));
}

TEST(RuleTestsTest, RepeatedRecordsAreCountedInTheirWindow) {
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
  - name: two, each delivered twice
    alerts: 0
    based_on: two
    deliveries: 2
  - name: three, each delivered twice
    alerts: 1
    based_on: three
    deliveries: 2
)";
  const RuleTestReport report = RunRuleTests({{"c.yml", kCount}}, {{"c.test.yml", kCountTests}});
  EXPECT_THAT(Texts(report.failures), IsEmpty());
  EXPECT_EQ(report.passed, 7);
}

TEST(RulePackTest, EveryBuiltInRulePassesItsTests) {
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> rules = sigma::ReadRuleFiles("rules", faults);
  const std::vector<sigma::RuleFile> tests = ReadRuleTestFiles("rules", faults);
  ASSERT_GE(rules.size(), 12u);
  const RuleTestReport report = RunRuleTests(rules, tests);
  EXPECT_THAT(Texts(faults), IsEmpty());
  EXPECT_THAT(Texts(report.failures), IsEmpty());
  EXPECT_EQ(report.passed, report.tests);
}

// Adds the operations that a rule searches for to `operations`, except those in the rule's filters.
// Some operations end with a full stop, which some exports omit, so a rule names such an operation
// twice. This function removes the full stop, so that the operation is added once.
void CollectOperations(const sigma::YamlNode& node, std::set<std::string>& operations) {
  for (const sigma::YamlNode& item : node.items) CollectOperations(item, operations);
  for (const auto& [key, value] : node.pairs) {
    if (key.text.starts_with("filter")) continue;
    if (key.text != "Operation" && !key.text.starts_with("Operation|")) {
      CollectOperations(value, operations);
      continue;
    }
    const auto add = [&operations](std::string text) {
      if (text.ends_with('.')) text.pop_back();
      operations.insert(std::move(text));
    };
    if (value.IsScalar()) add(value.text);
    for (const sigma::YamlNode& item : value.items) add(item.text);
  }
}

// Returns a row of the table: "| [file](file.yml) | title | level | technique | `operation`, … |".
std::string TableRow(const sigma::RuleFile& file) {
  const std::vector<sigma::YamlDocument> documents = sigma::ReadYaml(file.text);
  const sigma::YamlNode& rule = documents.back().root;
  std::set<std::string> operations;
  for (const sigma::YamlDocument& document : documents) {
    if (const auto* const detection = document.root.Find("detection"); detection != nullptr) {
      CollectOperations(*detection, operations);
    }
  }
  std::string technique;
  for (const sigma::YamlNode& tag : rule.Find("tags")->items) {
    if (tag.text.starts_with("attack.t") && tag.text.size() > 8 && isdigit(tag.text[8])) {
      technique = "T" + tag.text.substr(8);
    }
  }
  const std::string name = file.path.substr(file.path.rfind('/') + 1);
  std::string row = absl::StrCat("[", name.substr(0, name.size() - 4), "](", name, ") | ",
                                 rule.Find("title")->text, " | ", rule.Find("level")->text, " | ",
                                 technique, " |");
  for (const std::string& operation : operations) absl::StrAppend(&row, " `", operation, "`");
  return row;
}

TEST(RulePackTest, TheTableOfTheReadmeListsTheBuiltInRules) {
  std::vector<sigma::RuleFault> faults;
  std::vector<std::string> expected;
  for (const sigma::RuleFile& file : sigma::ReadRuleFiles("rules", faults)) {
    expected.push_back(TableRow(file));
  }
  const absl::StatusOr<std::string> readme = ReadFile("rules/README.md");
  ASSERT_TRUE(readme.ok());
  std::vector<std::string> rows;
  for (const absl::string_view line : absl::StrSplit(*readme, '\n')) {
    if (!absl::StartsWith(line, "| [")) continue;
    // Sorts the operations, because the table may list them in any order.
    const size_t at = line.find(" | `");
    ASSERT_NE(at, absl::string_view::npos) << line;
    const std::string listed(line.substr(at + 3));
    std::set<std::string> operations;
    for (const absl::string_view each : absl::StrSplit(listed.substr(0, listed.size() - 2), ", ")) {
      operations.insert(absl::StrReplaceAll(each, {{"`", ""}}));
    }
    rows.push_back(absl::StrCat(line.substr(2, at)));
    for (const std::string& operation : operations) {
      absl::StrAppend(&rows.back(), " `", operation, "`");
    }
  }
  EXPECT_THAT(rows, testing::ElementsAreArray(expected));
}

}  // namespace
}  // namespace picket
