#include "detector/matching/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(MatcherTest, StringsAreEqualIgnoringCase) {
  EXPECT_TRUE(ItemMatches("a: New-InboxRule", R"({"a":"new-inboxrule"})"));
  EXPECT_FALSE(ItemMatches("a: New-InboxRule", R"({"a":"new-inboxrules"})"));
  EXPECT_FALSE(ItemMatches("a|cased: New", R"({"a":"new"})"));
  EXPECT_TRUE(ItemMatches("a|cased: New", R"({"a":"New"})"));
}

TEST(MatcherTest, A20CaseFoldsBeyondAscii) {
  EXPECT_TRUE(ItemMatches("a|contains: MÜLLER", R"({"a":"Hans Müller"})"));
  EXPECT_TRUE(ItemMatches("a: ΑΘΉΝΑ", R"({"a":"αθήνα"})"));
  EXPECT_TRUE(ItemMatches("a: москва", R"({"a":"МОСКВА"})"));
}

TEST(MatcherTest, BeginningMiddleAndEndOfAStringAreDistinguished) {
  EXPECT_TRUE(ItemMatches("a|contains: box", R"({"a":"InboxRule"})"));
  EXPECT_FALSE(ItemMatches("a|startswith: box", R"({"a":"InboxRule"})"));
  EXPECT_TRUE(ItemMatches("a|startswith: in", R"({"a":"InboxRule"})"));
  EXPECT_TRUE(ItemMatches("a|endswith: rule", R"({"a":"InboxRule"})"));
  EXPECT_FALSE(ItemMatches("a|endswith: box", R"({"a":"InboxRule"})"));
}

TEST(MatcherTest, AListMatchesAnyValueAndAllMatchesAll) {
  const char* const event = R"({"a":"one two"})";
  EXPECT_TRUE(ItemMatches("a|contains: [two, three]", event));
  EXPECT_FALSE(ItemMatches("a|contains|all: [two, three]", event));
  EXPECT_TRUE(ItemMatches("a|contains|all: [two, one]", event));
  EXPECT_TRUE(ItemMatches("a|all|contains: [two, one]", event));
}

TEST(MatcherTest, WildcardsCanBeAnywhere) {
  EXPECT_TRUE(ItemMatches("a: in*rule", R"({"a":"InboxRule"})"));
  EXPECT_TRUE(ItemMatches("a: in*o*rule", R"({"a":"InboxRule"})"));
  EXPECT_FALSE(ItemMatches("a: in*z*rule", R"({"a":"InboxRule"})"));
  EXPECT_TRUE(ItemMatches("a: inb?xrule", R"({"a":"InboxRule"})"));
  EXPECT_FALSE(ItemMatches("a: inbox?rule", R"({"a":"InboxRule"})"));
  EXPECT_TRUE(ItemMatches("a: M?ller", R"({"a":"Müller"})"));
}

TEST(MatcherTest, A11WildcardsInsideContainsCompose) {
  EXPECT_TRUE(ItemMatches("a|contains: b*r", R"({"a":"InboxRule"})"));
  EXPECT_TRUE(ItemMatches("a|startswith: 'i?b'", R"({"a":"InboxRule"})"));
  EXPECT_FALSE(ItemMatches("a|endswith: 'i?b*x'", R"({"a":"InboxRule"})"));
}

TEST(MatcherTest, A12BackslashesFollowTheTable) {
  const char* const star = R"({"a":"x*y"})";
  EXPECT_TRUE(ItemMatches(R"(a: 'x\*y')", star));
  EXPECT_FALSE(ItemMatches(R"(a: 'x\*y')", R"({"a":"xzy"})"));
  EXPECT_TRUE(ItemMatches(R"(a: 'x\\*y')", R"({"a":"x\\zzy"})"));
  EXPECT_TRUE(ItemMatches(R"(a: 'x\\\*y')", R"({"a":"x\\*y"})"));
  EXPECT_FALSE(ItemMatches(R"(a: 'x\\\*y')", R"({"a":"x\\zy"})"));
  EXPECT_TRUE(ItemMatches(R"(a: 'C:\Windows')", R"({"a":"C:\\Windows"})"));
  EXPECT_TRUE(ItemMatches(R"(a: 'C:\\Windows')", R"({"a":"C:\\Windows"})"));
  EXPECT_TRUE(ItemMatches(R"(a: '\\\\server')", R"({"a":"\\\\server"})"));
}

TEST(MatcherTest, A1NullEmptyAndMissingAreDistinguished) {
  EXPECT_TRUE(ItemMatches("a: null", R"({"b":1})"));
  EXPECT_TRUE(ItemMatches("a: null", R"({"a":null})"));
  EXPECT_FALSE(ItemMatches("a: null", R"({"a":""})"));
  EXPECT_FALSE(ItemMatches("a: null", R"({"a":"null"})"));
  EXPECT_TRUE(ItemMatches("a: ''", R"({"a":""})"));
  EXPECT_FALSE(ItemMatches("a: ''", R"({"b":""})"));
  EXPECT_FALSE(ItemMatches("a: ''", R"({"a":null})"));
}

TEST(MatcherTest, ExistsTestsTheKeyOnly) {
  for (const char* event :
       {R"({"a":1})", R"({"a":""})", R"({"a":null})", R"({"a":{}})", R"({"a":[]})"}) {
    EXPECT_TRUE(ItemMatches("a|exists: true", event)) << event;
    EXPECT_FALSE(ItemMatches("a|exists: false", event)) << event;
  }
  EXPECT_FALSE(ItemMatches("a|exists: true", R"({"b":1})"));
  EXPECT_TRUE(ItemMatches("a|exists: false", R"({"b":1})"));
}

TEST(MatcherTest, A18NumbersAndStringsOfNumbersAreEqual) {
  EXPECT_TRUE(ItemMatches("a: 42", R"({"a":42})"));
  EXPECT_TRUE(ItemMatches("a: 42", R"({"a":"42"})"));
  EXPECT_TRUE(ItemMatches("a: '42'", R"({"a":42})"));
  EXPECT_TRUE(ItemMatches("a: 42", R"({"a":42.0})"));
  EXPECT_TRUE(ItemMatches("a: 42.0", R"({"a":42})"));
  EXPECT_TRUE(ItemMatches("a: 4.2e1", R"({"a":42})"));
  EXPECT_FALSE(ItemMatches("a: 42", R"({"a":421})"));
  EXPECT_TRUE(ItemMatches("a: 9007199254740993", R"({"a":9007199254740993})"));
  EXPECT_FALSE(ItemMatches("a: 9007199254740993", R"({"a":9007199254740992})"));
}

TEST(MatcherTest, NumbersCompareByValue) {
  EXPECT_TRUE(ItemMatches("a|gt: 5", R"({"a":10})"));
  EXPECT_TRUE(ItemMatches("a|gt: 5", R"({"a":"10"})"));
  EXPECT_FALSE(ItemMatches("a|lt: 5", R"({"a":10})"));
  EXPECT_TRUE(ItemMatches("a|gte: 1.5", R"({"a":1.5})"));
  EXPECT_TRUE(ItemMatches("a|lte: -1", R"({"a":-1})"));
  EXPECT_FALSE(ItemMatches("a|lte: 1", R"({"a":"x"})"));
}

TEST(MatcherTest, A19YesIsAStringAndTrueIsABoolean) {
  EXPECT_TRUE(ItemMatches("a: yes", R"({"a":"yes"})"));
  EXPECT_FALSE(ItemMatches("a: yes", R"({"a":true})"));
  EXPECT_TRUE(ItemMatches("a: true", R"({"a":true})"));
  EXPECT_TRUE(ItemMatches("a: true", R"({"a":"True"})"));
  EXPECT_FALSE(ItemMatches("a: true", R"({"a":false})"));
}

TEST(MatcherTest, A17NotEqualHoldsForAMissingField) {
  EXPECT_TRUE(ItemMatches("a|neq: 1", R"({"b":1})"));
  EXPECT_TRUE(ItemMatches("a|neq: 1", R"({"a":2})"));
  EXPECT_FALSE(ItemMatches("a|neq: 1", R"({"a":1})"));
}

TEST(MatcherTest, RegularExpressionsSearchAndAreCaseSensitive) {
  EXPECT_TRUE(ItemMatches("a|re: 'b.x'", R"({"a":"Inbox"})"));
  EXPECT_FALSE(ItemMatches("a|re: '^b.x'", R"({"a":"Inbox"})"));
  EXPECT_FALSE(ItemMatches("a|re: 'BOX'", R"({"a":"Inbox"})"));
  EXPECT_TRUE(ItemMatches("a|re|i: 'BOX'", R"({"a":"Inbox"})"));
  EXPECT_FALSE(ItemMatches("a|re: 'a.b'", R"({"a":"a\nb"})"));
  EXPECT_TRUE(ItemMatches("a|re|s: 'a.b'", R"({"a":"a\nb"})"));
  EXPECT_TRUE(ItemMatches("a|re|m: '^b$'", R"({"a":"a\nb"})"));
}

TEST(MatcherTest, A23NetworksAcceptAddressesWithPorts) {
  EXPECT_TRUE(ItemMatches("a|cidr: 10.0.0.0/8", R"({"a":"10.1.2.3"})"));
  EXPECT_FALSE(ItemMatches("a|cidr: 10.0.0.0/8", R"({"a":"11.1.2.3"})"));
  EXPECT_TRUE(ItemMatches("a|cidr: 10.0.0.0/8", R"({"a":"10.1.2.3:443"})"));
  EXPECT_TRUE(ItemMatches("a|cidr: 10.0.0.0/8", R"({"a":"::ffff:10.1.2.3"})"));
  EXPECT_TRUE(ItemMatches("a|cidr: 2001:db8::/32", R"({"a":"[2001:db8::1]:443"})"));
  EXPECT_FALSE(ItemMatches("a|cidr: 2001:db8::/32", R"({"a":"2001:db9::1"})"));
  EXPECT_TRUE(ItemMatches("a|cidr: [1.2.3.4, 5.6.0.0/16]", R"({"a":"5.6.7.8"})"));
  EXPECT_FALSE(ItemMatches("a|cidr: 10.0.0.0/8", R"({"a":"not an address"})"));
}

TEST(MatcherTest, EncodingsAreAppliedInTheOrderWritten) {
  EXPECT_TRUE(ItemMatches("a|base64: foo", R"({"a":"Zm9v"})"));
  EXPECT_TRUE(ItemMatches("a|wide|base64: Test", R"({"a":"VABlAHMAdAA="})"));
  EXPECT_TRUE(ItemMatches("a|utf16|base64: A", R"({"a":"//5BAA=="})"));
  // The values are "xx/bin/bash" and "x/bin/bash" in base64.
  EXPECT_TRUE(ItemMatches("a|base64offset|contains: /bin/bash", R"({"a":"eHgvYmluL2Jhc2g="})"));
  EXPECT_TRUE(ItemMatches("a|base64offset|contains: /bin/bash", R"({"a":"eC9iaW4vYmFzaA=="})"));
}

TEST(MatcherTest, WindashMatchesAnyDashThatBeginsAWord) {
  for (const char* event : {R"({"a":"x -force"})", R"({"a":"x /force"})", R"({"a":"x –force"})",
                            R"({"a":"x —force"})", R"({"a":"x ―force"})"}) {
    EXPECT_TRUE(ItemMatches("a|windash|contains: ' -force'", event)) << event;
  }
  EXPECT_FALSE(ItemMatches("a|windash|contains: 're-use'", R"({"a":"re/use"})"));
}

TEST(MatcherTest, FieldrefComparesTwoFieldsOfTheEvent) {
  EXPECT_TRUE(ItemMatches("a|fieldref: b", R"({"a":"X","b":"x"})"));
  EXPECT_FALSE(ItemMatches("a|fieldref: b", R"({"a":"X","b":"y"})"));
  EXPECT_FALSE(ItemMatches("a|fieldref: b", R"({"a":"X"})"));
  EXPECT_TRUE(ItemMatches("a|fieldref|startswith: b", R"({"a":"xyz","b":"xy"})"));
  EXPECT_FALSE(ItemMatches("a|fieldref|cased: b", R"({"a":"X","b":"x"})"));
  // Numbers are compared by value, as if the rule contained the value of `b`.
  EXPECT_TRUE(ItemMatches("a|fieldref: b", R"({"a":42.0,"b":42})"));
  EXPECT_TRUE(ItemMatches("a|fieldref: b", R"({"a":"42","b":4.2e1})"));
  EXPECT_FALSE(ItemMatches("a|fieldref: b", R"({"a":"42.0","b":42})"));
  EXPECT_FALSE(ItemMatches("a|fieldref: b", R"({"a":42.5,"b":42})"));
}

TEST(MatcherTest, TimePartsAreInUtc) {
  EXPECT_TRUE(ItemMatches("t|hour: 3", R"({"t":"2024-07-10T03:45:00Z"})"));
  EXPECT_TRUE(ItemMatches("t|hour: 3", R"({"t":"2024-07-10T05:45:00+02:00"})"));
  EXPECT_TRUE(ItemMatches("t|day: 25", R"({"t":"2024-12-25T10:00:00"})"));
  EXPECT_TRUE(ItemMatches("t|week: 1", R"({"t":"2024-12-30T10:00:00"})"));
  EXPECT_TRUE(ItemMatches("t|hour|gte: 22", R"({"t":"2024-07-10T23:45:00Z"})"));
  EXPECT_FALSE(ItemMatches("t|year: 2020", R"({"t":"yesterday"})"));
}

TEST(MatcherTest, KeywordsApplyToEveryValueAtAnyDepth) {
  const auto rule = [](std::string_view keywords) {
    return RuleText("  keywords: " + std::string(keywords) + "\n  condition: keywords\n");
  };
  const char* const event = R"({"a":"hello world","b":{"c":["x",{"d":"deep"}],"n":4104},"key":1})";
  EXPECT_TRUE(Matches(rule("[LO WOR]"), event));
  EXPECT_TRUE(Matches(rule("[deep]"), event));
  EXPECT_TRUE(Matches(rule("[4104]"), event));
  EXPECT_FALSE(Matches(rule("[key]"), event));
  EXPECT_FALSE(Matches(rule("[' deep']"), event));
  EXPECT_TRUE(Matches(RuleText("  k:\n    '|all': [hello, deep]\n  condition: k\n"), event));
  EXPECT_FALSE(Matches(RuleText("  k:\n    '|all': [hello, shallow]\n  condition: k\n"), event));
}

TEST(MatcherTest, KeywordsAreFoundInAnyJsonSpelling) {
  const auto matches = [](std::string_view keyword, std::string_view event) {
    return Matches(RuleText("  k: ['" + std::string(keyword) + "']\n  condition: k\n"), event);
  };
  EXPECT_TRUE(matches("roles/write", R"({"x":"some ROLES\/write"})"));
  EXPECT_TRUE(matches("roles/write", R"({"x":"some roles/write"})"));
  EXPECT_TRUE(matches("admin", R"({"x":"\u0061dmin"})"));
  EXPECT_TRUE(matches(R"(c:\win)", R"({"x":"C:\\Windows"})"));
  EXPECT_TRUE(matches(R"(say "hi")", R"({"x":"say \"hi\""})"));
  EXPECT_TRUE(matches("müller", R"({"x":"MÜLLER"})"));
  EXPECT_TRUE(matches("k", R"({"x":"\u212a"})"));
  EXPECT_FALSE(matches("x", R"({"x":"y"})"));
}

TEST(MatcherTest, SlashesOfAKeywordAreFoundInEitherSpelling) {
  for (const std::string keyword : {"/", "a/", "/b/", "ab/c/d", "/a/b/c/d/", "a/longer-piece/b"}) {
    const std::string rule = RuleText("  k: ['" + keyword + "']\n  condition: k\n");
    const auto slashes = static_cast<size_t>(std::count(keyword.begin(), keyword.end(), '/'));
    for (size_t choice = 0; choice < size_t{1} << slashes; ++choice) {
      std::string written;
      size_t slash = 0;
      for (const char c : keyword) {
        if (c == '/' && (choice >> slash++ & 1) != 0) written += '\\';
        written += c;
      }
      EXPECT_TRUE(Matches(rule, R"({"x":"https:\/\/y )" + written + "\"}")) << written;
      const size_t first = written.find(choice % 2 == 0 ? "/" : "\\/");
      written.replace(first, choice % 2 + 1, "-");
      EXPECT_FALSE(Matches(rule, R"({"x":")" + written + "\"}")) << written;
    }
  }
}

TEST(MatcherTest, ARecurringValueLeadsToTheSameRules) {
  std::string rules;
  for (const char* const items :
       {"a|contains: one\n    b: null", "b|endswith: one", "c|startswith: '1.5'", "c: 1.5"}) {
    absl::StrAppend(&rules, "id: r", rules.size(), "\n", ItemRule(items), "---\n");
  }
  const CompiledText compiled = CompileText(rules);
  ASSERT_EQ(Faults(compiled.faults), "");
  Matcher matcher(compiled.rules);
  const std::string kept(192, 'x'), too_long(193, 'x');
  for (int time = 0; time < 4; ++time) {
    EXPECT_THAT(matcher.Match(R"({"a":"Someone"})"), ElementsAre(0));
    EXPECT_THAT(matcher.Match(R"({"b":"Someone"})"), ElementsAre(1));
    EXPECT_THAT(matcher.Match(R"({"a":"Someone","b":"Someone"})"), ElementsAre(1));
    EXPECT_THAT(matcher.Match(R"({"a":"Some\u006fne"})"), ElementsAre(0));
    EXPECT_THAT(matcher.Match(R"({"c":"1.50"})"), ElementsAre(2));
    EXPECT_THAT(matcher.Match(R"({"c":1.50})"), ElementsAre(2, 3));
    for (const std::string& text : {kept, too_long}) {
      const std::string end = text.substr(3) + "one";
      EXPECT_THAT(matcher.Match("{\"b\":\"" + end + "\"}"), ElementsAre(1));
      EXPECT_THAT(matcher.Match("{\"b\":\"" + text + "\"}"), IsEmpty());
    }
    // A value with an invalid escape must be rejected in each round, although the matcher has seen
    // the value before.
    EXPECT_THAT(matcher.Match(R"({"b":"\q one"})"), IsEmpty());
    EXPECT_FALSE(matcher.ok());
  }
}

TEST(MatcherTest, CachedValuesAreDiscardedWithTheIndexOfTheirLogSource) {
  // The matcher has an index for each log source, and caches results by the address of the index.
  // This test has so many sources that the matcher discards the early indexes. A new index may get
  // the address of a discarded one. The matcher must not use cached results of the discarded index.
  std::string rules;
  constexpr int kSources = 300, kEarly = 256;
  for (int i = 0; i < kSources; ++i) {
    absl::StrAppend(&rules, "title: T\nid: r", i, "\nlogsource: {product: p", i,
                    "}\ndetection:\n  s:\n    a|contains: ", i < kEarly ? "two" : "one",
                    "\n  condition: s\n---\n");
  }
  const CompiledText compiled = CompileText(rules);
  ASSERT_EQ(Faults(compiled.faults), "");
  Matcher matcher(compiled.rules, {.route = true});
  for (int i = 0; i < kSources; ++i) {
    const std::string event = R"({"a":"someone","product":"p)" + std::to_string(i) + "\"}";
    for (int time = 0; time < 3; ++time) {
      EXPECT_EQ(matcher.Match(event).size(), i < kEarly ? 0U : 1U) << i;
    }
  }
}

TEST(MatcherTest, A21ALiteralKeyTakesPrecedenceOverAPath) {
  EXPECT_TRUE(ItemMatches("a.b: 1", R"({"a.b":1})"));
  EXPECT_TRUE(ItemMatches("a.b: 1", R"({"a":{"b":1}})"));
  EXPECT_FALSE(ItemMatches("a.b: 1", R"({"a.b":2,"a":{"b":1}})"));
  EXPECT_FALSE(ItemMatches("a.b: 1", R"({"a":{"b":1},"a.b":2})"));
  EXPECT_TRUE(ItemMatches("a.b.c: 1", R"({"a":{"b.c":1}})"));
}

TEST(MatcherTest, AnyElementOfAnArrayCanMatch) {
  EXPECT_TRUE(ItemMatches("a: 2", R"({"a":[1,2]})"));
  EXPECT_TRUE(ItemMatches("a.b: 2", R"({"a":[{"b":1},{"b":[3,2]}]})"));
  EXPECT_FALSE(ItemMatches("a.b: 4", R"({"a":[{"b":1},{"b":[3,2]}]})"));
}

TEST(MatcherTest, ConditionsFollowSigmasPrecedence) {
  const auto rule = [](std::string_view condition) {
    return RuleText(
        "  a1: {a: 1}\n  a2: {b: 1}\n  _a3: {c: 1}\n  condition: " + std::string(condition) + "\n");
  };
  EXPECT_TRUE(Matches(rule("a1 or a2 and _a3"), R"({"a":1})"));
  EXPECT_FALSE(Matches(rule("(a1 or a2) and _a3"), R"({"a":1})"));
  EXPECT_TRUE(Matches(rule("not a1 and a2"), R"({"b":1})"));
  EXPECT_TRUE(Matches(rule("not (a1 and a2)"), R"({"a":1})"));
  EXPECT_TRUE(Matches(rule("1 of them"), R"({"b":1})"));
  EXPECT_FALSE(Matches(rule("1 of them"), R"({"c":1})"));
  EXPECT_TRUE(Matches(rule("all of them"), R"({"a":1,"b":1})"));
  EXPECT_TRUE(Matches(rule("1 of a*"), R"({"b":1})"));
  EXPECT_TRUE(Matches(rule("2 of a*"), R"({"a":1,"b":1})"));
  EXPECT_FALSE(Matches(rule("2 of a*"), R"({"a":1,"c":1})"));
  EXPECT_TRUE(Matches(rule("NOT a1 AND a2"), R"({"b":1})"));
  EXPECT_TRUE(Matches(rule("[a1, _a3]"), R"({"c":1})"));
}

TEST(MatcherTest, AListOfMapsMatchesAnyMap) {
  const std::string rule = RuleText("  s:\n    - a: 1\n      b: 1\n    - c: 1\n  condition: s\n");
  EXPECT_TRUE(Matches(rule, R"({"a":1,"b":1})"));
  EXPECT_FALSE(Matches(rule, R"({"a":1})"));
  EXPECT_TRUE(Matches(rule, R"({"c":1})"));
}

TEST(MatcherTest, ANameValueListIsAddressedByTheNamesOfItsMembers) {
  const auto resolve = [](std::string_view name) {
    EventPath path;
    path.segments = {"unmapped", "Parameters"};
    path.member = std::string(name.substr(name.find('.') + 1));
    path.member_key = "Value";
    return std::vector<EventPath>{path};
  };
  const CompiledText compiled =
      CompileText(ItemRule("Parameters.ForwardTo|contains: '@'"), resolve);
  Matcher matcher(compiled.rules);
  EXPECT_THAT(matcher.Match(R"({"unmapped":{"Parameters":[{"Name":"X","Value":"1"},)"
                            R"({"Name":"forwardto","Value":"a@b"}]}})"),
              ElementsAre(0));
  EXPECT_THAT(matcher.Match(R"({"unmapped":{"Parameters":[{"Value":"a@b","Name":"ForwardTo"}]}})"),
              ElementsAre(0));
  EXPECT_THAT(matcher.Match(R"({"unmapped":{"Parameters":[{"Name":"X","Value":"a@b"},)"
                            R"({"Name":"ForwardTo","Value":"none"}]}})"),
              IsEmpty());
  EXPECT_THAT(
      matcher.Match(R"({"unmapped":{"Parameters":[{"Name":"ForwardTo","Value":["x","a@b"]}]}})"),
      ElementsAre(0));
}

TEST(MatcherTest, AnEventThatIsNotAnObjectMatchesNothing) {
  const CompiledText compiled = CompileText(ItemRule("a|exists: false"));
  Matcher matcher(compiled.rules);
  for (const char* event : {"", "[]", "1", "{", R"({"a")", "{} x", "nonsense", R"({"b":[})"}) {
    EXPECT_THAT(matcher.Match(event), IsEmpty()) << event;
    EXPECT_FALSE(matcher.ok()) << event;
  }
  EXPECT_THAT(matcher.Match("{}"), ElementsAre(0));
  EXPECT_TRUE(matcher.ok());
}

TEST(MatcherTest, MatchesAreInTheOrderOfTheRules) {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    text += "id: r" + std::to_string(i) + "\n" + ItemRule(i % 2 == 0 ? "a: 1" : "b: 1") + "---\n";
  }
  const CompiledText compiled = CompileText(text);
  ASSERT_EQ(Faults(compiled.faults), "");
  Matcher matcher(compiled.rules);
  EXPECT_THAT(matcher.Match(R"({"b":1})"), ElementsAre(1, 3, 5, 7, 9, 11, 13, 15, 17, 19));
  EXPECT_EQ(matcher.Match(R"({"b":1,"a":1})").size(), 20u);
}

TEST(MatcherTest, MatchedFieldsHaveTheNamesThatTheRuleUses) {
  const CompiledText compiled = CompileText(
      RuleText("  s:\n    Operation: New-InboxRule\n    User|endswith: '@x'\n  f:\n    b: 2\n"
               "  condition: s and not f\n"));
  Matcher matcher(compiled.rules);
  ASSERT_EQ(matcher.Match(R"({"Operation":"new-inboxrule","User":"a@x","b":1})").size(), 1u);
  std::vector<Matcher::MatchedField> fields;
  matcher.MatchedFields(0, &fields);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].name, "Operation");
  EXPECT_EQ(fields[0].value, "new-inboxrule");
  EXPECT_EQ(fields[1].name, "User");
  EXPECT_EQ(fields[1].value, "a@x");
}

}  // namespace
}  // namespace picket::detector
