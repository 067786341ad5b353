#include "detector/matching/event_members.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "detector/matching/matcher.h"
#include "json/json_members.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

TEST(EventMembersTest, FindsTheFirstMemberWithTheKeyAsWritten) {
  constexpr std::string_view kEvent =
      R"( { "a" : "x}\"" , "n":{"time":1,"s":"]"}, "l":[[1,{"q":"\""}],2] , "time" : 42 , "a":2,)"
      R"( "z":null , "o":{} } )";
  JsonTokens tokens;
  ASSERT_EQ(tokens.Index(kEvent), JsonFault::kNone);
  const EventMembers members(tokens);
  EXPECT_EQ(members.Find("a"), R"("x}\"")");
  EXPECT_EQ(members.Find("n"), R"({"time":1,"s":"]"})");
  EXPECT_EQ(members.Find("l"), R"([[1,{"q":"\""}],2])");
  EXPECT_EQ(members.Find("time"), "42");
  EXPECT_EQ(members.Find("z"), "null");
  EXPECT_EQ(members.Find("o"), "{}");
  EXPECT_EQ(members.Find("q"), "");
  EXPECT_EQ(members.Find(""), "");
  EXPECT_EQ(members.json(), kEvent);
}

std::string RandomValue(std::mt19937& random, int depth) {
  switch (random() % (depth > 3 ? 4 : 6)) {
    case 0:
      return absl::StrCat(static_cast<int>(random() % 100) - 50);
    case 1:
      return "null";
    case 2:
      return R"("a{]\"\\")";
    case 3:
      return "{}";
    case 4: {
      std::string array = "[";
      for (size_t i = random() % 3; i > 0; --i) {
        absl::StrAppend(&array, RandomValue(random, depth + 1), i > 1 ? "," : "");
      }
      return array + "]";
    }
    default:
      return absl::StrCat(R"({"k1":)", RandomValue(random, depth + 1), "}");
  }
}

TEST(EventMembersTest, EqualsASearchInTheJson) {
  std::mt19937 random(4);
  JsonTokens tokens;
  for (int i = 0; i < 5000; ++i) {
    std::string event = "{";
    for (size_t left = random() % 5; left > 0; --left) {
      absl::StrAppend(&event, "\"k", random() % 4, "\"", random() % 2 == 0 ? " :" : ":",
                      RandomValue(random, 0), left > 1 ? " ," : "");
    }
    event += "}";
    ASSERT_EQ(tokens.Index(event), JsonFault::kNone) << event;
    for (const std::string_view key : {"k0", "k1", "k2", "k9", ""}) {
      ASSERT_EQ(EventMembers(tokens).Find(key), JsonMember(event, key)) << event;
    }
  }
}

TEST(EventMembersTest, AnotherMatcherCanReadTheTokens) {
  const CompiledText first = CompileText("id: a\n" + ItemRule("a: x"));
  const CompiledText second = CompileText("id: b\n" + ItemRule("b.c|endswith: Y"));
  Matcher reader(first.rules), other(second.rules);
  for (const std::string_view event :
       {R"({"a":"x","b":{"c":"\u0079"}})", R"({"a":1,"b.c":"ey"})"}) {
    reader.Match(event);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ(other.Match(reader.tokens()).size(), 1u) << event;
    EXPECT_TRUE(other.ok());
  }
  EXPECT_EQ(reader.Match(R"({"b":1})").size(), 0u);
  EXPECT_EQ(other.Match(reader.tokens()).size(), 0u);
}

}  // namespace
}  // namespace picket::detector
