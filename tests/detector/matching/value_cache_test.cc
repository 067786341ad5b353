// A matcher predicts the keys of an event from earlier events, and caches values. Checks that a
// matcher with such a history returns the same verdicts as a new matcher.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAreArray;

CompiledText Rules(const std::vector<std::string>& texts) {
  std::string all;
  for (size_t i = 0; i < texts.size(); ++i) {
    absl::StrAppend(&all, "id: r", i, "\n", texts[i], "---\n");
  }
  return CompileText(all);
}

// Returns the matches of a new matcher, which has seen no other event.
std::vector<uint32_t> FreshMatches(const std::shared_ptr<const RuleSet>& rules,
                                   std::string_view event, bool use_index, bool* ok = nullptr) {
  Matcher fresh(rules, {.use_index = use_index});
  const auto found = fresh.Match(event);
  if (ok != nullptr) *ok = fresh.ok();
  return {found.begin(), found.end()};
}

// Generates random events. Their keys are in random order. Some keys contain an escape, and some
// are followed by whitespace. The rules test only a few of the about 2,000 possible keys.
class Events {
 public:
  explicit Events(uint32_t seed) : random_(seed) {}

  std::string Object(int depth) {
    std::string json = "{";
    for (int left = Below(7); left > 0; --left) {
      absl::StrAppend(&json, Key(), Blank(), ":", Blank(), Value(depth), left > 1 ? "," : "");
    }
    return json + "}";
  }
  // Truncates the event or replaces one byte.
  std::string Broken(std::string event) {
    const size_t at = Below(static_cast<int>(event.size()));
    if (Below(2) == 0) return event.substr(0, at);
    event[at] = "{}[]:,\"\\x1 "[Below(11)];
    return event;
  }
  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

 private:
  std::string Key() {
    switch (Below(8)) {
      case 0:
        return absl::StrCat("\"k", Below(2000), "\"");
      case 1:
        return absl::StrCat("\"", std::string(Below(40), 'k'), "\"");
      case 2:
        return R"("\u0061")";  // an escaped "a"
      case 3:
        return R"("a.b")";
      case 4:
        return R"("Name")";
      default:
        return absl::StrCat("\"", std::string(1, "abcdefgh"[Below(8)]), "\"");
    }
  }
  std::string Value(int depth) {
    switch (depth > 3 ? Below(3) : Below(6)) {
      case 0:
        return absl::StrCat(Below(3));
      case 1:
        return R"("\u0079")";  // an escaped "y"
      case 2:
        return Below(2) == 0 ? "\"x\"" : "\"why\"";
      case 3:
        return absl::StrCat("[", Object(depth + 1), Blank(), ",", Value(depth + 1), "]");
      default:
        return Object(depth + 1);
    }
  }
  std::string Blank() { return Below(6) == 0 ? " " : ""; }

  std::mt19937 random_;
};

TEST(ValueCacheTest, KeysMayHaveAnyOrderAndSpelling) {
  std::vector<std::string> texts;
  for (const char* const item :
       {"a: x", "a.b: x", "a.b.c: y", "b: 1", "b.b: why", "c|contains: h", "d.a: 2", "e: x",
        "f.f.f: y", "g|exists: true", "h.Name: x", "k7: x", "k7.a: 1", "a: null"}) {
    texts.push_back(ItemRule(item));
  }
  const CompiledText compiled = Rules(texts);
  ASSERT_EQ(Faults(compiled.faults), "");
  Matcher matcher(compiled.rules);
  Events events(7);
  size_t matches = 0, broken = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string event = events.Object(0);
    if (i % 5 == 0) event = events.Broken(std::move(event));
    bool ok = false;
    const std::vector<uint32_t> expected = FreshMatches(compiled.rules, event, true, &ok);
    ASSERT_THAT(matcher.Match(event), ElementsAreArray(expected)) << event;
    ASSERT_EQ(matcher.ok(), ok) << event;
    matches += expected.size();
    broken += ok ? 0 : 1;
  }
  EXPECT_GT(matches, 2'000u);
  EXPECT_GT(broken, 1'000u);
}

// Expects that one matcher for all events returns the same verdicts as a new matcher for each
// event. Matches each event three times: a value is cached the second time and used the third time.
void ExpectFreshVerdicts(const CompiledText& compiled, const std::vector<std::string>& events) {
  ASSERT_EQ(Faults(compiled.faults), "");
  Matcher matcher(compiled.rules);
  for (int time = 0; time < 3; ++time) {
    for (const std::string& event : events) {
      for (int again = 0; again < 3; ++again) {
        EXPECT_THAT(matcher.Match(event),
                    ElementsAreArray(FreshMatches(compiled.rules, event, false)))
            << event;
      }
    }
  }
}

TEST(ValueCacheTest, AValueThatAloneRulesOutARuleDoesNotRuleItOutNextToAnother) {
  ExpectFreshVerdicts(Rules({RuleText("  s:\n    a|contains|all: [program, other]\n"
                                      "    a|endswith: exe\n  condition: s\n")}),
                      {R"({"a":"program.exe"})", R"({"a":["program.exe","other"]})",
                       R"({"a":["other","program.exe"]})", R"({"a":"program other.exe"})"});
}

TEST(ValueCacheTest, ANegatedConditionRulesOutARule) {
  ExpectFreshVerdicts(Rules({RuleText("  s:\n    a|contains: program\n  n:\n    a|contains: good\n"
                                      "  m:\n    b: 1\n  condition: s and not (n or m)\n"),
                             RuleText("  s:\n    a|contains: program\n  n:\n    a|contains: good\n"
                                      "  condition: s and not n\n")}),
                      {R"({"a":"program"})", R"({"a":"good program"})", R"({"a":"program","b":1})",
                       R"({"a":"program","b":2})", R"({"a":["program","good"]})"});
}

TEST(ValueCacheTest, EqualBytesOfAnotherTypeAreAnotherValue) {
  ExpectFreshVerdicts(Rules({ItemRule("a|contains: '1.5'"), ItemRule("a|gt: 1"),
                             RuleText("  s:\n    a|contains: '1.5'\n    a|gt: 1\n  condition: s\n"),
                             RuleText("  s:\n    a|contains: tru\n    a: true\n  condition: s\n")}),
                      {R"({"a":1.50})", R"({"a":"1.50"})", R"({"a":true})", R"({"a":"true"})",
                       R"({"a":[1.50,"x"]})"});
}

TEST(ValueCacheTest, AReferenceToAnotherFieldIsNotCached) {
  ExpectFreshVerdicts(
      Rules({RuleText("  s:\n    a|contains: program\n    a|fieldref: b\n  condition: s\n")}),
      {R"({"a":"program","b":"other"})", R"({"a":"program","b":"program"})", R"({"a":"program"})"});
}

TEST(ValueCacheTest, AValueMayLeadToMoreRulesThanTheCacheHolds) {
  std::vector<std::string> texts, events;
  for (int i = 0; i < 30; ++i) {
    texts.push_back(RuleText(absl::StrCat("  s:\n    a|contains: program\n  n:\n    b: ", i,
                                          "\n  condition: s and not n\n")));
    events.push_back(absl::StrCat(R"({"a":"my program","b":)", i, "}"));
  }
  ExpectFreshVerdicts(Rules(texts), events);
}

}  // namespace
}  // namespace picket::detector
