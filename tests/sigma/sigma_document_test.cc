#include "sigma/sigma_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/file.h"
#include "detector/matching/matcher.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string FaultOf(std::string_view text) { return Faults(CompileText(text).faults); }

TEST(RuleLoaderTest, ARuleKeepsItsMetadata) {
  const CompiledText compiled = CompileText(
      "title: Forwarding\nid: 11111111-1111-1111-1111-111111111111\nname: fwd\nlevel: high\n"
      "description: d\nauthor: a\ntags: [attack.t1114.003]\nreferences: [https://e.x]\n"
      "falsepositives: [Admins]\ncustom: {anything: goes}\nlogsource: {product: m365}\n"
      "detection:\n  s:\n    a: b\n  condition: s\n");
  ASSERT_EQ(Faults(compiled.faults), "");
  ASSERT_EQ(compiled.rules->rules().size(), 1u);
  const DetectionRule& rule = compiled.rules->rules()[0];
  EXPECT_EQ(rule.info.id, "11111111-1111-1111-1111-111111111111");
  EXPECT_EQ(rule.info.title, "Forwarding");
  EXPECT_EQ(rule.info.name, "fwd");
  EXPECT_EQ(rule.info.level, sigma::Level::kHigh);
  EXPECT_EQ(rule.info.tags, std::vector<std::string>{"attack.t1114.003"});
  EXPECT_EQ(rule.info.false_positives, std::vector<std::string>{"Admins"});
  EXPECT_EQ(rule.info.version.size(), 16u);
  EXPECT_EQ(rule.info.file, "rules/x.yml");
  EXPECT_EQ(rule.info.line, 1);
  EXPECT_TRUE(rule.alerts);
}

TEST(RuleLoaderTest, TheVersionChangesOnlyWithTheMeaning) {
  const auto version = [](std::string_view text) {
    return CompileText(text).rules->rules()[0].info.version;
  };
  const std::string original = version(ItemRule("a: b"));
  EXPECT_EQ(original, version("# a comment\n" + ItemRule("a: b")));
  EXPECT_EQ(original, version("description: other\n" + ItemRule("a:   'b'")));
  EXPECT_NE(original, version(ItemRule("a: c")));
  EXPECT_NE(original, version(ItemRule("a|contains: b")));
  EXPECT_NE(original, version("level: low\n" + ItemRule("a: b")));
}

TEST(RuleLoaderTest, AnUnknownModifierIsReportedWithItsPosition) {
  EXPECT_THAT(FaultOf(ItemRule("Operation|contain: x")),
              StartsWith("rules/x.yml:5:15: unknown modifier 'contain'; did you mean 'contains'?"));
}

TEST(RuleLoaderTest, AConditionWithAnUnknownSelectionListsTheKnownOnes) {
  EXPECT_EQ(FaultOf(RuleText("  sel:\n    a: b\n  condition: sel and other\n")),
            "rules/x.yml:6:22: the condition names 'other', but detection has 'sel'\n");
}

TEST(RuleLoaderTest, AMissingConditionIsAFault) {
  const CompiledText compiled = CompileText(RuleText("  sel:\n    a: b\n"));
  EXPECT_THAT(Faults(compiled.faults), HasSubstr("'detection' has no 'condition'"));
  EXPECT_TRUE(compiled.rules->rules().empty());
}

struct BadRule {
  const char* name;
  std::string text;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const BadRule& bad) { return out << bad.name; }

class BadRuleTest : public ::testing::TestWithParam<BadRule> {};

TEST_P(BadRuleTest, IsNotLoadedAndItsNeighbourIs) {
  const std::string good =
      "\n---\ntitle: Good\nlogsource: {product: m365}\ndetection:\n  s:\n    a: b\n  condition: "
      "s\n";
  const CompiledText compiled = CompileText(GetParam().text + good);
  EXPECT_THAT(Faults(compiled.faults), HasSubstr(GetParam().message));
  ASSERT_EQ(compiled.rules->rules().size(), 1u);
  EXPECT_EQ(compiled.rules->rules()[0].info.title, "Good");
  ASSERT_EQ(compiled.faults.size(), 1u);
  EXPECT_GT(compiled.faults[0].line, 0);
  EXPECT_GT(compiled.faults[0].column, 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRuleTest,
    ::testing::Values(
        BadRule{"no_title", "logsource: {}\ndetection:\n  s:\n    a: b\n  condition: s",
                "no 'title'"},
        BadRule{"no_logsource", "title: T\ndetection:\n  s:\n    a: b\n  condition: s",
                "no 'logsource'"},
        BadRule{"logsource_key",
                "title: T\nlogsource: {product: m365, servce: exchange}\n"
                "detection:\n  s:\n    a: b\n  condition: s",
                "rules/x.yml:2:28: unknown key 'servce' of 'logsource'; did you mean 'service'?"},
        BadRule{"no_detection", "title: T\nlogsource: {}",
                "needs exactly one of 'detection', 'correlation'"},
        BadRule{"a_list", "- a\n- b", "must be a map"},
        BadRule{"level", "level: severe\n" + ItemRule("a: b"), "unknown level 'severe'; known are"},
        BadRule{"double_key", "title: U\n" + ItemRule("a: b"), "the key 'title' is given twice"},
        BadRule{"regex", ItemRule("a|re: '(?=x)y'"), "invalid regular expression"},
        BadRule{"all_of_one", ItemRule("a|contains|all: b"), "at least two values"},
        BadRule{"cidr", ItemRule("a|cidr: 10.0.0.0/33"), "is not a network"},
        BadRule{"exists", ItemRule("a|exists: yes"), "takes true or false, not 'yes'"},
        BadRule{"number", ItemRule("a|gt: many"), "takes a number"},
        BadRule{"null_contains", ItemRule("a|contains: null"), "null has no meaning"},
        BadRule{"two_kinds", ItemRule("a|contains|re: b"), "cannot be combined"},
        BadRule{"flag_without_re", ItemRule("a|i: b"), "must follow 're'"},
        BadRule{"cased_number", ItemRule("a|gt|cased: 1"), "'gt' and 'cased' cannot be combined"},
        BadRule{"empty_list", ItemRule("a: []"), "an empty list"},
        BadRule{"map_value", ItemRule("a: {b: c}"), "is a map: write 'a.b' for a nested field"},
        BadRule{"placeholder", ItemRule("a|expand: '%admins%'"), "'%admins%' has no values"},
        BadRule{"encoded_wildcard", ItemRule("a|base64: 'x*'"), "has a wildcard"},
        BadRule{"timeframe", RuleText("  timeframe: 5m\n  s:\n    a: b\n  condition: s"),
                "'timeframe'"},
        BadRule{"aggregation", RuleText("  s:\n    a: b\n  condition: s | count() > 5"),
                "aggregations after '|'"},
        BadRule{"open_parenthesis", RuleText("  s:\n    a: b\n  condition: (s"), "is not closed"},
        BadRule{"two_identifiers", RuleText("  s:\n    a: b\n  condition: s s"), "unexpected 's'"},
        BadRule{"ends_early", RuleText("  s:\n    a: b\n  condition: s and"), "ends where"},
        BadRule{"empty_condition", RuleText("  s:\n    a: b\n  condition: ''"), "is empty"},
        BadRule{"nothing_fits", RuleText("  s:\n    a: b\n  condition: 1 of x*"),
                "no identifier matches 'x*'"},
        BadRule{"some_of", RuleText("  s:\n    a: b\n  condition: some of s*"),
                "'some of' is unknown"},
        BadRule{"too_many_of", RuleText("  s:\n    a: b\n  condition: 2 of s*"), "asks for 2 of 1"},
        BadRule{"condition_map", RuleText("  s:\n    a: b\n  condition: {a: b}"),
                "must be a string or a list"}),
    [](const auto& info) { return info.param.name; });

TEST(RuleLoaderTest, InvalidYamlIsOneFaultAndTheRulesBeforeItLoad) {
  const CompiledText compiled = CompileText(ItemRule("a: b") + "---\ntitle: [unclosed\n");
  EXPECT_EQ(compiled.rules->rules().size(), 1u);
  ASSERT_EQ(compiled.faults.size(), 1u);
  EXPECT_THAT(compiled.faults[0].message, HasSubstr("not YAML"));
}

TEST(RuleLoaderTest, AllFaultsAreReportedAtOnce) {
  EXPECT_EQ(FaultOf("title: T\nlevel: severe\ntags: {a: b}\nsigma-version: 9\n"
                    "logsource: {product: [x]}\ndetection:\n  s:\n    a|contain: x\n"
                    "    b|gt: [many, 1, more]\n    c|cased|re|cidr: y\n  t: []\n"
                    "  condition: s and u or v\n---\n" +
                    ItemRule("d|exists: 2")),
            "rules/x.yml:2:8: unknown level 'severe'; known are informational, low, medium, high, "
            "critical\n"
            "rules/x.yml:4:16: Sigma version '9' is not supported; supported are 1, 2 and 3\n"
            "rules/x.yml:5:22: 'product' must be a string\n"
            "rules/x.yml:8:7: unknown modifier 'contain'; did you mean 'contains'?\n"
            "rules/x.yml:9:12: 'b|gt' takes a number, not 'many'\n"
            "rules/x.yml:9:21: 'b|gt' takes a number, not 'more'\n"
            "rules/x.yml:10:13: 'cased' and 're' cannot be combined\n"
            "rules/x.yml:10:16: 'cased' and 'cidr' cannot be combined\n"
            "rules/x.yml:10:16: 're' and 'cidr' cannot be combined\n"
            "rules/x.yml:11:6: 't' is an empty list\n"
            "rules/x.yml:12:20: the condition names 'u', but detection has 's', 't'\n"
            "rules/x.yml:12:25: the condition names 'v', but detection has 's', 't'\n"
            "rules/x.yml:18:15: 'exists' takes true or false, not '2'\n");
}

TEST(RuleLoaderTest, YamlThatIsNotARuleIsReportedWithItsPosition) {
  EXPECT_EQ(FaultOf("title: T\n\tlevel: low\n"),
            "rules/x.yml:2:1: a tab in the indentation, where YAML requires spaces\n");
  EXPECT_THAT(FaultOf("title: T\nlevel: \xff\xfe\n"),
              StartsWith("rules/x.yml:2:8: not UTF-8 text: "));
  EXPECT_THAT(FaultOf("title: a\x01z\n"), StartsWith("rules/x.yml:1:9: not UTF-8 text: "));
  EXPECT_THAT(FaultOf("title: *nobody\n"), HasSubstr("1:8: unknown alias '*nobody'"));
  EXPECT_THAT(FaultOf("? [a, b]\n: c\n"), HasSubstr("a key must be a string"));
  EXPECT_THAT(FaultOf("title: " + std::string(100, '[') + std::string(100, ']')),
              HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(FaultOf(ItemRule("a: b") + std::string(17 << 20, '#')),
              HasSubstr("larger than 16 MiB"));
}

TEST(RuleLoaderTest, AliasesAreExpandedUpToALimit) {
  EXPECT_TRUE(
      Matches("title: T\nlogsource: {}\nvalues: &v [a, b]\ndetection:\n  s:\n    x: *v\n"
              "  condition: s\n",
              R"({"x":"b"})"));
  std::string bomb = "title: T\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "" : ", ") + before;
    bomb += "]\n";
  }
  EXPECT_THAT(FaultOf(bomb), HasSubstr("aliases make this document too large"));
  std::string many = "action: global\ntitle: &t T\nshared: [";
  for (int i = 0; i < 10'000; ++i) many += "x, ";
  many += "x]\n";
  for (int i = 0; i < 1000; ++i) many += "---\nid: r" + std::to_string(i) + "\n";
  EXPECT_THAT(FaultOf(many), HasSubstr("shared ones counted each time"));
}

TEST(RuleLoaderTest, AConditionThatSelectsTooManyIdentifiersIsRejected) {
  std::string rule = "title: T\nlogsource: {}\ndetection:\n";
  for (int i = 0; i < 500; ++i) rule += "  s" + std::to_string(i) + ": {a: b}\n";
  rule += "  condition: 1 of them";
  for (int i = 0; i < 300; ++i) rule += " or 1 of s*";
  EXPECT_THAT(FaultOf(rule), HasSubstr("'of' selects more than 100000 identifiers"));
  std::string large = RuleText("  s: {a: " + std::string(1 << 20, 'x') + "}\n  condition: s");
  for (int i = 0; i < 50; ++i) large += " or s";
  EXPECT_THAT(FaultOf(large), HasSubstr("the rule has more than 200000 tests"));
}

TEST(RuleLoaderTest, ANestedListMatchesAnyOfItsValues) {
  const std::string rule =
      RuleText("  s:\n    - [a: 1, b: 1]\n    - c: 1\n    - [one, 2, true]\n  condition: s\n");
  EXPECT_TRUE(Matches(rule, R"({"b":1})"));
  EXPECT_TRUE(Matches(rule, R"({"c":1})"));
  EXPECT_TRUE(Matches(rule, R"({"x":"one"})"));
  EXPECT_TRUE(Matches(rule, R"({"x":2})"));
  EXPECT_FALSE(Matches(rule, R"({"x":3})"));
  EXPECT_THAT(FaultOf(RuleText("  s: [[[a]]]\n  condition: s\n")),
              HasSubstr("nested more than once"));
}

TEST(RuleLoaderTest, ActionRepeatTakesThePreviousRuleAndResetForgetsIt) {
  const CompiledText compiled = CompileText(
      "action: global\ntitle: G\nlogsource: {product: m365}\n---\nid: a\ndetection:\n  s: {a: 1}\n"
      "  condition: s\n---\naction: repeat\nid: b\ndetection:\n  s: {b: 1}\n---\naction: reset\n"
      "---\ntitle: R\nid: c\nlogsource: {}\ndetection:\n  s: {c: 1}\n  condition: s\n"
      "---\naction: often\n");
  EXPECT_EQ(Faults(compiled.faults),
            "rules/x.yml:24:9: unknown action 'often'; known are global, repeat, reset\n");
  ASSERT_EQ(compiled.rules->rules().size(), 3u);
  EXPECT_EQ(compiled.rules->rules()[1].info.title, "G");
  Matcher matcher(compiled.rules);
  EXPECT_EQ(matcher.Match(R"({"a":1,"b":1})").size(), 2u);
  EXPECT_EQ(matcher.Match(R"({"a":1})").size(), 1u);
  EXPECT_EQ(compiled.rules->rules()[2].info.title, "R");
}

TEST(RuleLintTest, ValidButUnusualRulesGetWarnings) {
  const auto lint = [](std::string_view text) {
    EXPECT_EQ(FaultOf(text), "");
    return Faults(sigma::LintSigma({"x.yml", std::string(text)}));
  };
  EXPECT_EQ(lint(ItemRule("a: b")), "");
  EXPECT_EQ(lint(RuleText("  s: {a: 1}\n  t: {b: 1}\n  condition: s AND NOT t\n")),
            "x.yml:6:16: warning: write 'and' in lower case\n"
            "x.yml:6:20: warning: write 'not' in lower case\n");
  EXPECT_THAT(lint(RuleText("  s: {a: 1}\n  t: {b: 1}\n  condition: 2 of them\n")),
              HasSubstr("6:14: warning: '2 of' is not in the specification"));
  EXPECT_THAT(lint(RuleText("  s: {a: 1}\n  condition: any of s*\n")),
              HasSubstr("warning: 'any of' is not in the specification: write '1 of'"));
  EXPECT_THAT(lint(RuleText("  s: {a: 1}\n  t: {b: 1}\n  condition: s\n")),
              HasSubstr("5:3: warning: the condition does not use 't'"));
  EXPECT_THAT(lint(ItemRule("a: [null, b]")), HasSubstr("5:9: warning: null in a list"));
  EXPECT_THAT(lint(ItemRule("a|contains: ''")), HasSubstr("write 'a|exists: true'"));
  EXPECT_THAT(lint(ItemRule("a|expand: b")), HasSubstr("no value names a list"));
  EXPECT_EQ(lint("levle: high\n" + ItemRule("a: b")),
            "x.yml:1:1: warning: 'levle' is a custom key; did you mean 'level'?\n");
  EXPECT_EQ(lint("custom: x\nnote: y\n" + ItemRule("a: b")), "");
}

TEST(RuleLoaderTest, ASecondRuleWithTheSameIdIsNotLoaded) {
  const std::string rule = "id: one\n" + ItemRule("a: b");
  const CompiledText compiled = CompileText(rule + "---\n" + rule);
  EXPECT_EQ(compiled.rules->rules().size(), 1u);
  EXPECT_THAT(Faults(compiled.faults), HasSubstr("the id 'one', which is taken by rules/x.yml:1"));
}

TEST(RuleLoaderTest, ActionGlobalAppliesToTheDocumentsAfterIt) {
  const CompiledText compiled = CompileText(
      "action: global\ntitle: Shared\nlogsource: {product: m365}\ndetection:\n  condition: s\n"
      "---\nid: a\ndetection:\n  s:\n    a: 1\n---\nid: b\ndetection:\n  s:\n    b: 1\n");
  EXPECT_EQ(Faults(compiled.faults), "");
  ASSERT_EQ(compiled.rules->rules().size(), 2u);
  EXPECT_EQ(compiled.rules->rules()[1].info.title, "Shared");
}

std::string WithCorrelation(std::string_view correlation) {
  return "id: base\nname: signin\n" + ItemRule("a: b") + "---\ntitle: C\nid: c\ncorrelation:\n" +
         std::string(correlation);
}

TEST(CorrelationLoaderTest, AllPartsOfAnEventCountAreRead) {
  const CompiledText compiled = CompileText(WithCorrelation(
      "  type: event_count\n  rules: [signin]\n  group-by: [UserId, ip]\n  timespan: 10m\n"
      "  aliases:\n    ip:\n      signin: ClientIP\n  condition: {gte: 5, lt: 9}\n"));
  ASSERT_EQ(Faults(compiled.faults), "");
  ASSERT_EQ(compiled.rules->correlations().size(), 1u);
  const CorrelationRule& rule = compiled.rules->correlations()[0];
  EXPECT_EQ(rule.type, sigma::CorrelationType::kEventCount);
  EXPECT_EQ(rule.rules, std::vector<uint32_t>{0});
  EXPECT_EQ(rule.timespan, absl::Minutes(10));
  ASSERT_EQ(rule.conditions.size(), 2u);
  EXPECT_EQ(rule.conditions[0].comparison, sigma::Comparison::kGreaterEqual);
  EXPECT_EQ(rule.conditions[0].value, 5);
  ASSERT_EQ(rule.group_by.size(), 2u);
  EXPECT_EQ(rule.group_by_names, (std::vector<std::string>{"UserId", "ip"}));
  EXPECT_FALSE(compiled.rules->rules()[0].alerts);

  Matcher matcher(compiled.rules);
  ASSERT_EQ(matcher.Match(R"({"a":"b","UserId":"u@x","ClientIP":"1.2.3.4"})").size(), 1u);
  std::vector<std::string_view> texts;
  matcher.FieldStrings(rule.group_by[0][0], 10, &texts);
  EXPECT_EQ(texts, std::vector<std::string_view>{"u@x"});
  matcher.FieldStrings(rule.group_by[1][0], 10, &texts);
  EXPECT_EQ(texts, std::vector<std::string_view>{"1.2.3.4"});
  matcher.Match(R"({"a":"b"})");
  matcher.FieldStrings(rule.group_by[0][0], 10, &texts);
  EXPECT_TRUE(texts.empty());
}

TEST(CorrelationLoaderTest, AValueCountNamesItsField) {
  const CompiledText compiled = CompileText(
      WithCorrelation("  type: value_count\n  rules: base\n  timespan: 1h\n  generate: true\n"
                      "  condition: {field: UserId, gt: 3}\n"));
  ASSERT_EQ(Faults(compiled.faults), "");
  const CorrelationRule& rule = compiled.rules->correlations()[0];
  EXPECT_EQ(rule.type, sigma::CorrelationType::kValueCount);
  EXPECT_EQ(rule.value_field.size(), 1u);
  EXPECT_TRUE(rule.group_by.empty());
  EXPECT_TRUE(compiled.rules->rules()[0].alerts);
}

TEST(CorrelationLoaderTest, ItsVersionDependsOnTheRulesThatItCounts) {
  const auto version = [](std::string_view item) {
    return CompileText(
               "id: base\n" + ItemRule(item) +
               "---\ntitle: C\ncorrelation: {type: event_count, rules: [base], timespan: 1m, "
               "condition: {gte: 2}}\n")
        .rules->correlations()[0]
        .info.version;
  };
  EXPECT_NE(version("a: b"), version("a: c"));
  EXPECT_EQ(version("a: b"), version("a: 'b'"));
}

TEST(CorrelationLoaderTest, AllFaultsAreReportedAtOnceWithTheirPositions) {
  // The correlation begins at line 13 of the file.
  const CompiledText compiled =
      CompileText(WithCorrelation("  type: event_count\n"
                                  "  rules: [base, base]\n"
                                  "  group_by: [UserId]\n"
                                  "  timespan: 5 min\n"
                                  "  generate: perhaps\n"
                                  "  aliases: {ip: ClientIP}\n"
                                  "  condition: {ge: 1, gt: many, field: UserId}\n"));
  EXPECT_EQ(
      Faults(compiled.faults),
      "rules/x.yml:15:3: unknown key 'group_by' in 'correlation'; known are type, rules, "
      "group-by, timespan, aliases, condition, generate\n"
      "rules/x.yml:14:17: the rule 'base' is listed twice\n"
      "rules/x.yml:16:13: '5 min' is not a timespan: write a number and s, m, h, d, w, M or y, "
      "such as 10m\n"
      "rules/x.yml:17:13: 'generate' must be true or false\n"
      "rules/x.yml:19:15: unknown comparison 'ge'; known are gt, gte, lt, lte, eq, neq\n"
      "rules/x.yml:19:26: 'gt' takes a whole number, not 'many'\n"
      "rules/x.yml:19:32: event_count counts events: 'field' belongs to value_count\n");
  EXPECT_EQ(compiled.rules->rules().size(), 1u);
  EXPECT_TRUE(compiled.rules->correlations().empty());

  EXPECT_EQ(
      Faults(CompileText(
                 WithCorrelation("  type: value_count\n  rules: [base]\n  timespan: 1h\n"
                                 "  aliases:\n    ip: ClientIP\n    user: {other: [a], base: ''}\n"
                                 "  condition: {}\n"))
                 .faults),
      "rules/x.yml:17:9: alias 'ip' must be a map of rule name to field name\n"
      "rules/x.yml:18:12: alias 'user' names the rule 'other', which is not among 'rules'\n"
      "rules/x.yml:18:19: alias 'user' must name a field\n"
      "rules/x.yml:18:30: alias 'user' must name a field\n"
      "rules/x.yml:19:14: the condition compares nothing: give one of gt, gte, lt, lte, eq, "
      "neq\n"
      "rules/x.yml:19:14: value_count needs 'field' in its condition\n");

  EXPECT_EQ(Faults(CompileText(WithCorrelation("  generate: true\n")).faults),
            "rules/x.yml:13:3: the correlation has no 'type'\n"
            "rules/x.yml:13:3: the correlation has no 'rules'\n"
            "rules/x.yml:13:3: the correlation has no 'timespan'\n");

  EXPECT_EQ(
      Faults(CompileText(WithCorrelation("  type: event_count\n  rules: [nobody, base, noone]\n"
                                         "  timespan: 1h\n  condition: {gt: 1}\n"))
                 .faults),
      "rules/x.yml:14:11: no rule is called 'nobody': 'rules' takes ids, names, titles or "
      "file names of rules that are loaded\n"
      "rules/x.yml:14:25: no rule is called 'noone': 'rules' takes ids, names, titles or "
      "file names of rules that are loaded\n");
}

class BadCorrelationTest : public ::testing::TestWithParam<BadRule> {};

TEST_P(BadCorrelationTest, IsNotLoadedAndItsBaseRuleIs) {
  const CompiledText compiled = CompileText(WithCorrelation(GetParam().text));
  EXPECT_THAT(Faults(compiled.faults), HasSubstr(GetParam().message));
  EXPECT_EQ(compiled.rules->rules().size(), 1u);
  EXPECT_TRUE(compiled.rules->correlations().empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCorrelationTest,
    ::testing::Values(
        BadRule{"type", "  type: temporal\n  rules: [base]\n  timespan: 1m",
                "'temporal' is not supported"},
        BadRule{"reference",
                "  type: event_count\n  rules: [nobody]\n  timespan: 1m\n  condition: {gt: 1}",
                "rules/x.yml:14:11: no rule is called 'nobody'"},
        BadRule{"timespan",
                "  type: event_count\n  rules: [base]\n  timespan: 5 min\n  condition: {gt: 1}",
                "'5 min' is not a timespan"},
        BadRule{"no_condition", "  type: event_count\n  rules: [base]\n  timespan: 1m",
                "no 'condition'"},
        BadRule{"comparison",
                "  type: event_count\n  rules: [base]\n  timespan: 1m\n  condition: {ge: 1}",
                "unknown comparison 'ge'"},
        BadRule{"key", "  type: event_count\n  rule: [base]",
                "unknown key 'rule' in 'correlation'"},
        BadRule{"no_field",
                "  type: value_count\n  rules: [base]\n  timespan: 1m\n  condition: {gt: 1}",
                "value_count needs 'field'"},
        BadRule{
            "needless_field",
            "  type: event_count\n  rules: [base]\n  timespan: 1m\n  condition: {gt: 1, field: a}",
            "'field' belongs to value_count"},
        BadRule{"alias",
                "  type: event_count\n  rules: [base]\n  timespan: 1m\n  condition: {gt: 1}\n"
                "  aliases: {x: {other: y}}",
                "which is not among 'rules'"}),
    [](const auto& info) { return info.param.name; });

TEST(RuleLoaderTest, HiddenFilesAndFoldersAreSkipped) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / "rule_loader_hidden";
  fs::create_directories(folder / "exchange");
  // When Kubernetes mounts a ConfigMap, it creates a hidden folder with such a name.
  fs::create_directories(folder / "..2026_11_24");
  for (const char* const name :
       {"a.yml", "exchange/b.yaml", "a.test.yml", ".#a.yml", "..2026_11_24/a.yml"}) {
    ASSERT_TRUE(WriteFile((folder / name).string(), "title: T\n").ok());
  }
  std::vector<sigma::RuleFault> faults;
  std::vector<std::string> paths;
  for (const sigma::RuleFile& file : sigma::ReadRuleFiles(folder.string(), faults))
    paths.push_back(file.path);
  EXPECT_EQ(Faults(faults), "");
  EXPECT_THAT(paths, ::testing::ElementsAre((folder / "a.yml").string(),
                                            (folder / "exchange/b.yaml").string()));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace picket::detector
