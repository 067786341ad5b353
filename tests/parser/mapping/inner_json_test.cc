#include "parser/mapping/inner_json.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

std::string Escape(std::string_view text) {
  ByteBuffer out;
  out.PutEscaped(text);
  return std::string(out.view());
}

// Returns the leaves that InnerJson finds in a JSON text, as "name=value;…". If InnerJson does not
// decode the text, returns its result in words, for example "too large".
std::string Leaves(std::string_view json) {
  InnerJson inner;
  ByteBuffer out;
  switch (inner.Append("X", Escape(json), out)) {
    case InnerJson::Result::kNoJson:
      return "no json";
    case InnerJson::Result::kBad:
      return "bad";
    case InnerJson::Result::kTooLarge:
      return "too large";
    case InnerJson::Result::kDecoded:
      break;
  }
  std::string leaves;
  const Tree tree = ParseTree("[" + std::string(out.view()) + "]");
  for (const simdjson::dom::element leaf : simdjson::dom::array(tree.root)) {
    leaves += std::string(std::string_view(leaf["name"])) + "=" +
              std::string(std::string_view(leaf["value"])) + ";";
  }
  return leaves;
}

TEST(InnerJsonTest, LeavesKeepTheirOrderAndRepeatedKeys) {
  EXPECT_EQ(Leaves(R"({"a":"1","b":{"c":[true,null,2.5e3]},"a":"2"})"),
            "X.a=1;X.b.c=true;X.b.c=null;X.b.c=2.5e3;X.a=2;");
  EXPECT_EQ(Leaves("[\r\n  \"Global Administrator\"\r\n]"), "X=Global Administrator;");
  EXPECT_EQ(Leaves(R"([{"a":1},{"a":2}])"), "X.a=1;X.a=2;");
  EXPECT_EQ(Leaves("{}"), "");
  EXPECT_EQ(Leaves(R"({"k\"ey":"v\\\u00e9\ud83d\ude00"})"), "X.k\"ey=v\\\u00e9\U0001F600;");
}

TEST(InnerJsonTest, AStringWithoutJsonIsIgnored) {
  for (const char* text : {"", "plain", "5", "true", "\"quoted\""}) {
    EXPECT_EQ(Leaves(text), "no json") << text;
  }
  for (const char* text :
       {"[Id: q, Scope: Mail.Read]", "{", "[1,]", "{\"a\"}", "{\"a\":}", "[01]", "[1] x", "{'a':1}",
        "[\"\\ud800\"]", "[\"\\udc00\"]", "[\"\\x\"]", "[\"a\tb\"]", "[nul]", "[\"open"}) {
    EXPECT_EQ(Leaves(text), "bad") << text;
  }
}

TEST(InnerJsonTest, DepthAndSizeAreBounded) {
  const auto nested = [](int depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_EQ(Leaves(nested(InnerJson::kMaxDepth - 1)), "X=1;");
  EXPECT_EQ(Leaves(nested(InnerJson::kMaxDepth)), "bad");
  // The output is large because each leaf repeats the long key.
  std::string wide = "{\"" + std::string(10'000, 'k') + "\":[1";
  for (int i = 0; i < 1000; ++i) wide += ",1";
  EXPECT_EQ(Leaves(wide + "]}"), "too large");
}

// A string must be decoded if and only if simdjson can parse it. The output must always be JSON.
TEST(InnerJsonTest, AgreesWithSimdjsonOnDamagedText) {
  const std::string good =
      R"({"a":"x","b":[1,2.5,{"c":null,"d":true}],"e":"\u0041\n\"","f":{},"g":[[]]})";
  std::mt19937_64 random(20260305);
  const std::string_view bytes = "\"\\{}[],:0aEu \n-.tn";
  simdjson::dom::parser parser;
  int decoded = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (int change = static_cast<int>(random() % 3); change > 0; --change) {
      const size_t at = random() % text.size();
      if (random() % 2 == 0) {
        text[at] = bytes[random() % bytes.size()];
      } else {
        text.erase(at, random() % 4);
      }
    }
    if (text.empty() || (text[0] != '{' && text[0] != '[')) continue;
    const bool valid = parser.parse(text).error() == simdjson::SUCCESS;
    const std::string leaves = Leaves(text);
    EXPECT_EQ(leaves != "bad", valid) << text;
    decoded += valid;
  }
  EXPECT_GT(decoded, 5000);
}

}  // namespace
}  // namespace picket::parser
