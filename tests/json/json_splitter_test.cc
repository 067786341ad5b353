#include "json/json_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace picket {
namespace {

std::vector<std::string> Members(std::string_view text, bool* complete = nullptr) {
  JsonArraySplitter splitter(text);
  std::vector<std::string> members;
  while (const std::optional<std::string_view> member = splitter.Next()) {
    members.emplace_back(*member);
  }
  if (complete != nullptr) *complete = splitter.complete();
  return members;
}

TEST(JsonArraySplitterTest, BracketsAndCommasInStringsDoNotSplit) {
  bool complete = false;
  EXPECT_EQ(Members(R"( [ {"a":"]},{\"["} , [1,"x\\"],2 , null ] )", &complete),
            (std::vector<std::string>{R"({"a":"]},{\"["})", R"([1,"x\\"])", "2", "null"}));
  EXPECT_TRUE(complete);
}

TEST(JsonArraySplitterTest, AnEmptyArrayIsComplete) {
  bool complete = false;
  EXPECT_TRUE(Members("[ ]", &complete).empty());
  EXPECT_TRUE(complete);
}

TEST(JsonArraySplitterTest, AnElementThatIsCutOffIsTheRest) {
  JsonArraySplitter splitter(R"([{"a":1},{"b":"x)");
  EXPECT_EQ(splitter.Next(), R"({"a":1})");
  EXPECT_EQ(splitter.Next(), std::nullopt);
  EXPECT_FALSE(splitter.complete());
  EXPECT_EQ(splitter.rest(), R"({"b":"x)");
}

TEST(JsonArraySplitterTest, TextAfterTheArrayIsTheRest) {
  JsonArraySplitter splitter("[1] tail");
  EXPECT_EQ(splitter.Next(), "1");
  EXPECT_EQ(splitter.Next(), std::nullopt);
  EXPECT_FALSE(splitter.complete());
  EXPECT_EQ(splitter.rest(), " tail");
  EXPECT_EQ(splitter.Next(), std::nullopt);
}

TEST(JsonArraySplitterTest, AMissingCommaHidesNoElement) {
  EXPECT_EQ(Members(R"([{"a":1} {"b":2},,{"c":3}])").size(), 3u);
}

TEST(JsonArraySplitterTest, ObjectsWithoutAnArrayAreASequence) {
  bool complete = false;
  EXPECT_EQ(Members("{\"a\":1}\n{\"b\":2}\n", &complete).size(), 2u);
  EXPECT_TRUE(complete);
}

TEST(JsonArraySplitterTest, TextThatIsNeitherArrayNorObjectIsTheRest) {
  JsonArraySplitter splitter("<html>");
  EXPECT_EQ(splitter.Next(), std::nullopt);
  EXPECT_FALSE(splitter.complete());
  EXPECT_EQ(splitter.rest(), "<html>");
}

}  // namespace
}  // namespace picket
