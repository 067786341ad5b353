#include "json/json_members.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "simdjson.h"

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

TEST(JsonMemberTest, FindsMembersAfterStringsAndNestedValues) {
  constexpr std::string_view kJson =
      R"( { "a\"b" : "x}\\" , "n" : {"time":1,"s":"]"}, "l":[[1,{"q":"\""}],2], "time" : 42 , "z":null} )";
  EXPECT_EQ(JsonMember(kJson, "time"), "42");
  EXPECT_EQ(JsonMember(kJson, "n"), R"({"time":1,"s":"]"})");
  EXPECT_EQ(JsonMember(JsonMember(kJson, "n"), "s"), "\"]\"");
  EXPECT_EQ(JsonMember(kJson, "z"), "null");
  EXPECT_EQ(JsonMember(kJson, "q"), "");
  EXPECT_EQ(JsonMember("{}", "q"), "");
  EXPECT_EQ(JsonMember("[1]", "q"), "");
  EXPECT_EQ(JsonMember("", "q"), "");
  EXPECT_EQ(JsonMember(R"({"a":"unclosed)", "b"), "");
}

TEST(JsonMemberTest, EqualsACompleteParseOnRandomObjects) {
  std::mt19937 random(11);
  const std::function<void(JsonWriter&, int)> write = [&](JsonWriter& json, int depth) {
    switch (random() % (depth > 3 ? 4 : 6)) {
      case 0:
        json.Value(static_cast<int64_t>(random()));
        break;
      case 1:
        json.Null();
        break;
      case 2:
      case 3: {
        std::string text;
        for (size_t i = random() % 8; i > 0; --i) text += "\\\"{}[],:a\n"[random() % 10];
        json.Value(text);
        break;
      }
      case 4:
        json.BeginArray();
        for (size_t i = random() % 4; i > 0; --i) write(json, depth + 1);
        json.EndArray();
        break;
      default:
        json.BeginObject();
        for (size_t i = random() % 5; i > 0; --i) {
          json.Key(absl::StrCat("k", i));
          write(json, depth + 1);
        }
        json.EndObject();
    }
  };
  simdjson::dom::parser parser;
  for (int trial = 0; trial < 3000; ++trial) {
    std::string text;
    JsonWriter json(&text);
    json.BeginObject();
    for (int i = 0; i < 4; ++i) {
      json.Key(absl::StrCat("k", i));
      write(json, 0);
    }
    json.EndObject();
    for (const std::string_view key : {"k0", "k3", "k4"}) {
      simdjson::dom::element value;
      const bool exists = parser.parse(text)[key].get(value) == simdjson::SUCCESS;
      ASSERT_EQ(JsonMember(text, key), exists ? simdjson::minify(value) : "") << text;
    }
  }
}

}  // namespace
}  // namespace picket
