// Tests cases in which Sigma engines differ. A test's name begins with the id of its case in
// docs/sigma.md, for example A1. correlator_test.cc and detector_test.cc test the cases about
// windows of time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detector/matching/matcher.h"
#include "sigma/placeholders.h"
#include "sigma/sigma_document.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string WithFilter(std::string_view condition) {
  return "id: base\n" + ItemRule("a: 1") +
         "---\ntitle: F\nlogsource: {product: m365}\nfilter:\n  rules: [base]\n  selection:\n    "
         "b: "
         "1\n  condition: " +
         std::string(condition) + "\n";
}

TEST(SigmaCornerTest, A1NullIsAbsentOrNullAndEmptyIsPresent) {
  for (const char* const event : {"{}", R"({"a":null})"}) {
    EXPECT_TRUE(ItemMatches("a: null", event)) << event;
    EXPECT_FALSE(ItemMatches("a: ''", event)) << event;
  }
  for (const char* const event : {R"({"a":"null"})", R"({"a":""})", R"({"a":0})", R"({"a":[]})"}) {
    EXPECT_FALSE(ItemMatches("a: null", event)) << event;
  }
  EXPECT_TRUE(ItemMatches("a: ''", R"({"a":""})"));
}

TEST(SigmaCornerTest, A2AFilterIsJoinedToTheRuleByAnd) {
  EXPECT_TRUE(Matches(WithFilter("selection"), R"({"a":1,"b":1})"));
  EXPECT_FALSE(Matches(WithFilter("selection"), R"({"a":1})"));
  EXPECT_TRUE(Matches(WithFilter("not selection"), R"({"a":1})"));
  EXPECT_FALSE(Matches(WithFilter("not selection"), R"({"a":1,"b":1})"));
  EXPECT_THAT(Faults(sigma::LintSigma({"x.yml", WithFilter("selection")})),
              HasSubstr("x.yml:15:14: warning: a filter's condition is joined"));
  EXPECT_EQ(Faults(sigma::LintSigma({"x.yml", WithFilter("not selection")})), "");
}

TEST(SigmaCornerTest, A2FiltersStackAndTheirIdentifiersAreTheirOwn) {
  const std::string rule =
      "id: base\n" + RuleText("  selection:\n    a: 1\n  condition: 1 of them and all of sel*\n") +
      "---\ntitle: F\nlogsource: {product: m365}\nfilter:\n  rules: any\n  selection: {b: 1}\n"
      "  condition: not selection\n"
      "---\ntitle: G\nlogsource: {product: m365}\nfilter:\n  rules: [base]\n  selection: {c: 1}\n"
      "  condition: not 1 of them\n"
      "---\ntitle: H\nlogsource: {product: windows}\nfilter:\n  rules: any\n  selection: {d: 1}\n"
      "  condition: not selection\n";
  EXPECT_EQ(Faults(CompileText(rule).faults), "");
  EXPECT_TRUE(Matches(rule, R"({"a":1})"));
  EXPECT_FALSE(Matches(rule, R"({"a":1,"b":1})"));
  EXPECT_FALSE(Matches(rule, R"({"a":1,"c":1})"));
  EXPECT_TRUE(Matches(rule, R"({"a":1,"d":1})"));
  EXPECT_FALSE(Matches(rule, R"({"b":2})"));
}

std::string WithCorrelation(std::string_view lines) {
  return "id: base\nname: signin\n" + ItemRule("a: 1") +
         "---\ntitle: C\nid: c\ncorrelation:\n  rules: [base]\n  timespan: 10m\n" +
         std::string(lines);
}

TEST(SigmaCornerTest, A3ACorrelationConditionMayBeAConjunction) {
  const CompiledText compiled =
      CompileText(WithCorrelation("  type: event_count\n  condition: {gte: 5, lt: 9}\n"));
  EXPECT_EQ(Faults(compiled.faults), "");
  ASSERT_EQ(compiled.rules->correlations().size(), 1u);
  EXPECT_EQ(compiled.rules->correlations()[0].conditions.size(), 2u);
}

TEST(SigmaCornerTest, A4GroupByIsOptional) {
  const CompiledText compiled =
      CompileText(WithCorrelation("  type: event_count\n  condition: {gte: 5}\n"));
  EXPECT_EQ(Faults(compiled.faults), "");
  ASSERT_EQ(compiled.rules->correlations().size(), 1u);
  EXPECT_THAT(compiled.rules->correlations()[0].group_by, IsEmpty());
}

TEST(SigmaCornerTest, A7OrderedCorrelationsAreRefused) {
  EXPECT_THAT(Faults(CompileText(WithCorrelation("  type: temporal_ordered\n")).faults),
              HasSubstr("'temporal_ordered' is not supported"));
}

TEST(SigmaCornerTest, A10PercentilesAreRefused) {
  EXPECT_THAT(Faults(CompileText(WithCorrelation("  type: value_percentile\n")).faults),
              HasSubstr("'value_percentile' is not supported"));
}

TEST(SigmaCornerTest, A13WhitespaceOfAKeywordIsSignificant) {
  const auto matches = [](std::string_view keyword, std::string_view event) {
    return Matches(RuleText("  k: ['" + std::string(keyword) + "']\n  condition: k\n"), event);
  };
  EXPECT_TRUE(matches(" -enc ", R"({"x":"run -enc now"})"));
  EXPECT_FALSE(matches(" -enc ", R"({"x":"run -encoded"})"));
  EXPECT_FALSE(matches(" -enc ", R"({"x":"-enc"})"));
  EXPECT_FALSE(matches("a  b", R"({"x":"a b"})"));
}

TEST(SigmaCornerTest, A14KeywordsLookAtValuesOfAnyDepthAndNotAtKeys) {
  const std::string rule = RuleText("  k: [needle, 4104]\n  condition: k\n");
  EXPECT_TRUE(Matches(rule, R"({"a":{"b":[{"c":["x",{"d":"a needle here"}]}]}})"));
  EXPECT_TRUE(Matches(rule, R"({"a":[{"b":4104}]})"));
  EXPECT_FALSE(Matches(rule, R"({"needle":1})"));
  EXPECT_FALSE(Matches(rule, R"({"a":"nee","b":"dle"})"));
}

TEST(SigmaCornerTest, A15TransformationsKeepTheirOrderAndTheRestHasNone) {
  const char* const event = R"({"a":"xx-yy"})";
  EXPECT_TRUE(ItemMatches("a|contains|all: ['x', 'y']", event));
  EXPECT_TRUE(ItemMatches("a|all|contains: ['x', 'y']", event));
  EXPECT_TRUE(ItemMatches("a|cased|contains: x", event));
  EXPECT_FALSE(ItemMatches("a|cased|contains: X", event));
  EXPECT_TRUE(ItemMatches("a|contains|base64offset: foobar", R"({"a":"eGZvb2Jhcg=="})"));
  EXPECT_TRUE(ItemMatches("a|base64offset|contains: foobar", R"({"a":"eGZvb2Jhcg=="})"));
  EXPECT_TRUE(ItemMatches("a|wide|base64: ab", R"({"a":"YQBiAA=="})"));
  EXPECT_FALSE(ItemMatches("a|base64|wide: ab", R"({"a":"YQBiAA=="})"));
}

TEST(SigmaCornerTest, A16Base64KeepsItsPaddingAndContainsIsAdvisedAgainst) {
  EXPECT_TRUE(ItemMatches("a|base64|contains: ab", R"({"a":"xYWI="})"));
  EXPECT_FALSE(ItemMatches("a|base64|contains: ab", R"({"a":"YWJj"})"));
  EXPECT_THAT(Faults(sigma::LintSigma({"x.yml", ItemRule("a|base64|contains: ab")})),
              HasSubstr("x.yml:5:5: warning: 'a|base64|contains' finds the value only where"));
}

std::string ElementsRule(std::string_view version, std::string_view item) {
  return "sigma-version: " + std::string(version) + "\n" + ItemRule(item);
}

TEST(SigmaCornerTest, A22AnyMemberOfAnArrayWillDoWithoutBrackets) {
  const char* const event =
      R"({"Parameters":[{"Name":"Identity","Value":"a@b"},{"Name":"ForwardTo","Value":"x"}]})";
  EXPECT_TRUE(
      Matches(RuleText("  s:\n    Parameters.Name: ForwardTo\n    Parameters.Value|contains: "
                       "'@'\n  condition: s\n"),
              event));
  EXPECT_FALSE(
      Matches(ElementsRule("3", "Parameters[any]: {Name: ForwardTo, Value|contains: '@'}"), event));
  EXPECT_TRUE(
      Matches(ElementsRule("3", "Parameters[any]: {Name: Identity, Value|contains: '@'}"), event));
}

TEST(SigmaCornerTest, A22QuantifiersAskTheElementsOfAnArray) {
  struct Case {
    const char* item;
    const char* both;  // for each of the six events, `+` if it matches and otherwise `-`
  };
  // The events are {"f":["ab","ac"]}, {"f":["ab","x"]}, {"f":["x"]}, {"f":[]}, {} and {"f":"ab"}.
  constexpr Case kCases[] = {
      {"f[any]|startswith: a", "++----"},
      {"f[all]|startswith: a", "+-----"},
      {"f[all_or_empty]|startswith: a", "+--+++"},
      {"f[none]|startswith: a", "--++++"},
      {"f[0]: ab", "++----"},
      {"f[1]: x", "-+----"},
      {"f[-1]: x", "-++---"},
      {"f[-2]: ab", "++----"},
      {"f[1]: null", "--++++"},
      {"f[1]|exists: true", "++----"},
      {"f[0]|neq: ab", "--++++"},
      {"f[any]|neq: ab", "+++---"},
      {"f[any]|contains|all: [a, c]", "+-----"},
      {"f[any]: {condition: p and not q, p: {.|startswith: a}, q: {.: ab}}", "+-----"},
      {"f[any]: [{.: x}, {.: ac}]", "+++---"},
  };
  for (const Case& each : kCases) {
    const std::string rule = ElementsRule("3", each.item);
    ASSERT_EQ(Faults(CompileText(rule).faults), "") << each.item;
    std::string matches;
    for (const char* const event : {R"({"f":["ab","ac"]})", R"({"f":["ab","x"]})", R"({"f":["x"]})",
                                    R"({"f":[]})", "{}", R"({"f":"ab"})"}) {
      matches += Matches(rule, event) ? '+' : '-';
    }
    EXPECT_EQ(matches, each.both) << each.item;
  }
}

TEST(SigmaCornerTest, A22ArraysInArraysAndFieldsOfTheSameElement) {
  const std::string rule = ElementsRule("3", "r[any].ip[0]: 10.0.0.1");
  EXPECT_TRUE(Matches(rule, R"({"r":[{"ip":["8.8.8.8"]},{"ip":["10.0.0.1","1.1.1.1"]}]})"));
  EXPECT_FALSE(Matches(rule, R"({"r":[{"ip":["8.8.8.8","10.0.0.1"]}]})"));
  EXPECT_TRUE(Matches(ElementsRule("3", "m[1][0]: x"), R"({"m":[["a"],["x","b"]]})"));
  EXPECT_FALSE(Matches(ElementsRule("3", "m[1][0]: x"), R"({"m":[["x"],["a","x"]]})"));
  const std::string same = ElementsRule("3", "p[any]: {Old|fieldref: New}");
  EXPECT_TRUE(Matches(same, R"({"p":[{"Old":"a","New":"b"},{"Old":"c","New":"C"}]})"));
  EXPECT_FALSE(Matches(same, R"({"p":[{"Old":"a","New":"b"},{"Old":"b","New":"a"}]})"));
}

TEST(SigmaCornerTest, A22BracketsBelowVersion3ArePartOfTheName) {
  EXPECT_TRUE(Matches(ElementsRule("2", "args[0]: x"), R"({"args[0]":"x"})"));
  EXPECT_FALSE(Matches(ElementsRule("2", "args[0]: x"), R"({"args":["x"]})"));
  EXPECT_TRUE(Matches(ElementsRule("3", "args\\[0\\]: x"), R"({"args[0]":"x"})"));
  const char* const same = R"({"a":"x","b[0]":"x","b":["y"]})";
  EXPECT_TRUE(Matches(ElementsRule("2", "a|fieldref: 'b[0]'"), same));
  EXPECT_TRUE(Matches(ElementsRule("3", R"(a|fieldref: 'b\[0\]')"), same));
  EXPECT_THAT(Faults(sigma::LintSigma({"x.yml", ItemRule("args[0]: x")})),
              HasSubstr("write 'sigma-version: 3'"));
}

TEST(SigmaCornerTest, A22WhatIsNoPathIntoAnArrayIsRefused) {
  struct Case {
    const char* item;
    const char* message;
  };
  constexpr Case kCases[] = {
      {"f[some]: x", "x.yml:6:6: '[some]' is unknown: write [any]"},
      {"f[]: x", "'[]' is unknown"},
      {"f[any: x", "'[' is not closed"},
      {"f]: x", "']' closes nothing"},
      {"'[any]': x", "no field name before '['"},
      {"f[any]x: y", "']' must be followed by"},
      {"f[any].: y", "']' must be followed by"},
      {"f[any]|contains: {a: b}", "takes no modifiers"},
      {"f[any]: {}", "is empty"},
      {"f[any]: [{a: b}, c]", "maps or values, not both"},
      {"f[any]: {condition: p}", "the condition names 'p'"},
      {"f[any]|contain: x", "x.yml:6:12: unknown modifier 'contain'"},
      {".: x", "'.' is the element of an array"},
      {"a|fieldref: 'b[any]'", "x.yml:6:17: 'fieldref' takes the name of a field, and 'b[any]'"},
      {"a|endswith|fieldref: [c, 'b[0].c']", "and 'b[0].c' are the elements of an array"},
      {"a|fieldref: 'b[some]'", "x.yml:6:19: '[some]' is unknown"},
      {"p[any]: {a|fieldref: 'b[any]'}", "compare inside 'Field[any]:'"},
      {"f[0][0][0][0][0][0][0][0][0]: x", "more than 8 arrays in arrays"},
  };
  for (const Case& each : kCases) {
    std::vector<sigma::RuleFault> faults;
    EXPECT_THAT(sigma::ReadSigma({"x.yml", ElementsRule("3", each.item)}, faults), IsEmpty())
        << each.item;
    EXPECT_THAT(Faults(faults), HasSubstr(each.message)) << each.item;
  }
}

TEST(SigmaCornerTest, A24WindowKindsAreExtensionKeysThatAreNotTakenForAnythingElse) {
  EXPECT_THAT(
      Faults(CompileText(WithCorrelation(
                             "  type: event_count\n  window: tumbling\n  condition: {gte: 5}\n"))
                 .faults),
      HasSubstr("unknown key 'window'"));
}

TEST(SigmaCornerTest, A25IdsAreUniqueOverAllFilesAndANameThatIsNotIsRefusedWhereItIsUsed) {
  std::vector<sigma::RuleFault> faults;
  RuleSet::Compile(
      {{"a.yml", "id: one\n" + ItemRule("a: 1")}, {"b.yml", "id: one\n" + ItemRule("b: 1")}},
      LiteralFieldName, faults);
  EXPECT_THAT(Faults(faults), HasSubstr("b.yml:1:1: the id 'one', which is taken by a.yml:1"));
  const std::string twice = "id: x\nname: signin\n" + ItemRule("b: 1") + "---\n" +
                            WithCorrelation("  type: event_count\n  condition: {gte: 5}\n");
  const auto with_name = [&](std::string text) {
    return text.replace(text.find("rules: [base]"), 13, "rules: [signin]");
  };
  EXPECT_EQ(Faults(CompileText(twice).faults), "");
  EXPECT_THAT(Faults(CompileText(with_name(twice)).faults),
              HasSubstr("several rules are called 'signin'"));
}

// ---- placeholders ----

std::string Placeholder(std::string_view item, const sigma::ValueLists& lists,
                        std::string_view event) {
  std::vector<sigma::RuleFault> faults;
  const auto rules = RuleSet::Compile({{"x.yml", ItemRule(item)}}, LiteralFieldName, faults, lists);
  if (!faults.empty()) return Faults(faults);
  Matcher matcher(rules);
  return matcher.Match(event).empty() ? "no" : "yes";
}

TEST(PlaceholderTest, APlaceholderIsReplacedByTheValuesOfItsList) {
  const sigma::ValueLists lists = {{"admins", {"root", "svc-*"}},
                                   {"domain", {"CONTOSO"}},
                                   {"nets", {"10.0.0.0/8", "2001:db8::/32"}}};
  EXPECT_EQ(Placeholder("u|expand: '%admins%'", lists, R"({"u":"Root"})"), "yes");
  EXPECT_EQ(Placeholder("u|expand: '%admins%'", lists, R"({"u":"svc-7"})"), "yes");
  EXPECT_EQ(Placeholder("u|expand: '%admins%'", lists, R"({"u":"%admins%"})"), "no");
  EXPECT_EQ(Placeholder("u|expand: '%domain%\\%admins%'", lists, R"({"u":"contoso\\root"})"),
            "yes");
  EXPECT_EQ(Placeholder("u|expand|endswith: '\\%admins%'", lists, R"({"u":"x\\svc-1"})"), "yes");
  EXPECT_EQ(Placeholder("u|expand: [x, '%admins%']", lists, R"({"u":"x"})"), "yes");
  EXPECT_EQ(Placeholder("u|expand|neq: '%admins%'", lists, R"({"u":"root"})"), "no");
  EXPECT_EQ(Placeholder("u|expand|contains|all: ['%admins%', x]", lists, R"({"u":"x root"})"),
            "yes");
  EXPECT_EQ(Placeholder("u|expand|cidr: '%nets%'", lists, R"({"u":"10.9.9.9"})"), "yes");
  EXPECT_EQ(Placeholder("u|expand|base64: '%domain%'", lists, R"({"u":"Q09OVE9TTw=="})"), "yes");
  EXPECT_EQ(Placeholder("u|expand: '100%'", lists, R"({"u":"100%"})"), "yes");
}

TEST(PlaceholderTest, AMissingEmptyOrInvalidListIsALoadError) {
  const sigma::ValueLists lists = {{"none", {}}, {"words", {"x"}}, {"stars", {"a*"}}};
  EXPECT_EQ(
      Placeholder("u|expand: '%admins%'", lists, "{}"),
      "x.yml:5:15: the placeholder '%admins%' has no values: there is no list of that name\n");
  EXPECT_THAT(Placeholder("u|expand: '%none%'", lists, "{}"), HasSubstr("its list is empty"));
  EXPECT_THAT(Placeholder("u|expand|cidr: '%words%'", lists, "{}"),
              HasSubstr("'x' is not a network"));
  EXPECT_THAT(Placeholder("u|expand|base64: '%stars%'", lists, "{}"), HasSubstr("has a wildcard"));
}

TEST(PlaceholderTest, ADocumentReportsItsListsAndIsUnchangedIfOneIsMissing) {
  std::vector<sigma::RuleFault> faults;
  std::vector<sigma::SigmaDocument> documents = sigma::ReadSigma(
      {"x.yml", RuleText("  s:\n    a|expand: '%b%'\n    c|expand: ['%a%', '%b%x']\n    d: '%e%'\n"
                         "  condition: not s\n")},
      faults);
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(Faults(faults), "");
  EXPECT_THAT(sigma::PlaceholdersOf(documents[0]), ElementsAre("a", "b"));
  const sigma::ExpressionPtr before = documents[0].expression;
  EXPECT_FALSE(sigma::ResolvePlaceholders({{"a", {"1"}}}, documents[0], faults));
  EXPECT_EQ(faults.size(), 2u);
  EXPECT_EQ(documents[0].expression, before);
  EXPECT_TRUE(sigma::ResolvePlaceholders({{"a", {"1"}}, {"b", {"2"}}}, documents[0], faults));
  EXPECT_THAT(sigma::PlaceholdersOf(documents[0]), IsEmpty());
}

}  // namespace
}  // namespace picket::detector
