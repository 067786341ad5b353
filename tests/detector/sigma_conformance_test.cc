// The cases that other engines publish: rule, event, expected result.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/detector/sigma_testing.h"
#include "tests/support/shared_data.h"

namespace picket::detector {
namespace {

struct Case {
  std::string name;
  std::string rule;
  std::string event;
  bool expected = false;
};

std::vector<Case> ReadCases(const std::string& path) {
  std::vector<Case> cases;
  simdjson::dom::parser parser;
  simdjson::dom::document_stream stream;
  const simdjson::padded_string text = simdjson::padded_string::load(path);
  if (parser.parse_many(text, 4 << 20).get(stream)) return cases;
  for (auto line : stream) {
    Case each;
    std::string_view test, rule;
    if (line["test"].get(test) && line["rule_path"].get(test)) continue;
    if (line["rule_yaml"].get(rule) || line["expected"].get(each.expected)) continue;
    each.name = test;
    each.rule = rule;
    // Windows records come as they lie in the event log and, beside it, flattened as rules name their fields.
    simdjson::dom::element event = line["event"];
    simdjson::dom::element flat;
    if (!line["event_flat"].get(flat) && flat.is_object()) event = flat;
    each.event = simdjson::minify(event);
    cases.push_back(std::move(each));
  }
  return cases;
}

// Cases where we differ on purpose, with the reason.
constexpr std::string_view kChosenDeviations[] = {
    "test_match_null_fields",     // A1: null also matches a field that is not there
    "test_expand_modifier_yaml",  // placeholders have values from lists, not from the event
    "sigma/win_security_admin_logon.yml",  // a placeholder without values is refused
};

bool IsChosen(const Case& each) {
  return std::find(std::begin(kChosenDeviations), std::end(kChosenDeviations), each.name) !=
         std::end(kChosenDeviations);
}

// Runs the cases; returns those that do not give what is expected, or whose rule is refused, one a line.
std::vector<std::string> Deviations(const std::vector<Case>& cases) {
  std::vector<std::string> deviations;
  for (const Case& each : cases) {
    if (IsChosen(each)) continue;
    const CompiledText compiled = CompileText(each.rule);
    Matcher matcher(compiled.rules);
    const bool matches = !matcher.Match(each.event).empty();
    if (!compiled.faults.empty()) {
      deviations.push_back(absl::StrCat(each.name, ": ", compiled.faults[0].ToString()));
    } else if (matches != each.expected || !matcher.ok()) {
      deviations.push_back(absl::StrCat(each.name, ": expected ", each.expected, ", got ", matches,
                                        " for ", each.event.substr(0, 300)));
    }
  }
  return deviations;
}

TEST(SigmaConformanceTest, StatelessCases) {
  const auto path = SharedData("sigma/conformance-stateless.jsonl");
  if (!path.has_value()) GTEST_SKIP() << "SHARED DATA MISSING: sigma/conformance-stateless.jsonl";
  const std::vector<Case> cases = ReadCases(*path);
  ASSERT_EQ(cases.size(), 106u);
  EXPECT_THAT(Deviations(cases), ::testing::IsEmpty());
}

TEST(SigmaConformanceTest, RegressionCasesOfThePublicRules) {
  const auto path = SharedData("sigma/regression.jsonl");
  if (!path.has_value()) GTEST_SKIP() << "SHARED DATA MISSING: sigma/regression.jsonl";
  const std::vector<Case> cases = ReadCases(*path);
  ASSERT_EQ(cases.size(), 93u);
  EXPECT_THAT(Deviations(cases), ::testing::IsEmpty());
}

TEST(SigmaConformanceTest, PublicMicrosoftRulesLoadOrAreRefusedForAReason) {
  const auto path = SharedData("sigma/rules-m365-azure");
  if (!path.has_value()) GTEST_SKIP() << "SHARED DATA MISSING: sigma/rules-m365-azure";
  std::vector<RuleFault> faults;
  const std::vector<RuleFile> files = ReadRuleFiles(*path, faults);
  const auto rules = RuleSet::Compile(files, LiteralFieldName, faults);
  std::set<std::string> refused;
  for (const RuleFault& fault : faults) refused.insert(fault.file);
  EXPECT_EQ(rules->rules().size() + refused.size(), 152u);
  for (const RuleFault& fault : faults) std::cout << fault.ToString() << "\n";
}

}  // namespace
}  // namespace picket::detector
