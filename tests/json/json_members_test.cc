#include "json/json_members.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace picket {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs All(std::string_view container, const JsonContainerEnds* ends = nullptr) {
  Pairs pairs;
  for (JsonMembers members(container, ends); members.Next();) {
    pairs.emplace_back(members.name(), members.value());
  }
  return pairs;
}

TEST(JsonMembersTest, ReturnsTheMembersOfAnObjectAndTheElementsOfAnArray) {
  EXPECT_EQ(All(R"( {"a" : 1, "b":"}","c":[{"x":2}],"d":null} )"),
            (Pairs{{"a", "1"}, {"b", "\"}\""}, {"c", R"([{"x":2}])"}, {"d", "null"}}));
  EXPECT_EQ(All(R"([1,"a,b",{}])"), (Pairs{{"", "1"}, {"", "\"a,b\""}, {"", "{}"}}));
  EXPECT_TRUE(All("{}").empty());
  EXPECT_TRUE(All("17").empty());
  EXPECT_TRUE(All("").empty());
}

TEST(JsonMembersTest, StopsWhereTheTextIsInvalid) {
  JsonMembers members(R"({"a":1,"b":[2)");
  EXPECT_TRUE(members.Next());
  EXPECT_FALSE(members.Next());
  EXPECT_EQ(members.name(), "b");
  EXPECT_EQ(members.rest(), "[2");
  EXPECT_FALSE(members.Next());
  EXPECT_EQ(All(R"({"a":1 "b":2})"), (Pairs{{"a", "1"}}));
}

TEST(JsonMembersTest, ContainerEndsGiveTheSameMembers) {
  const std::string text = R"({"a":{"b":[1,{"c":"]}"}]},"d":[[],{}]})";
  const JsonContainerEnds ends(text);
  EXPECT_EQ(All(text, &ends), All(text));
  const std::string_view inner = JsonMember(text, "a");
  EXPECT_EQ(All(inner, &ends), All(inner));
  EXPECT_EQ(ends.EndOf(text.data() + 1), std::string_view::npos);
}

TEST(JsonMembersTest, TheContentOfAStringHasNoQuotes) {
  EXPECT_EQ(JsonStringContent(R"("a\"b")"), R"(a\"b)");
  EXPECT_EQ(JsonStringContent("\"\""), "");
  EXPECT_EQ(JsonStringContent("17"), "");
  EXPECT_EQ(JsonStringContent("\""), "");
  EXPECT_EQ(JsonStringContent(""), "");
}

TEST(JsonMembersTest, OnlyAWholeIntegerIsAnInteger) {
  int64_t number = 0;
  EXPECT_TRUE(ParseJsonInteger("-42", &number));
  EXPECT_EQ(number, -42);
  for (const char* other : {"", "1.0", "1e3", "\"1\"", "99999999999999999999"}) {
    EXPECT_FALSE(ParseJsonInteger(other, &number)) << other;
  }
}

TEST(JsonMembersTest, TextIsCutBetweenCharacters) {
  EXPECT_EQ(TruncateUtf8("aé", 3), "aé");
  EXPECT_EQ(TruncateUtf8("aé", 2), "a");
  EXPECT_EQ(TruncateUtf8("é", 0), "");
}

}  // namespace
}  // namespace picket
