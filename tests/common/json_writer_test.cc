#include "common/json_writer.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(JsonWriterTest, SeparatesMembersAndNests) {
  std::string out = ">";
  JsonWriter json(&out);
  json.BeginObject().Key("a").Value(1).Key("b").BeginArray().Value("x").Value(true).Null();
  json.BeginObject().EndObject().EndArray().Key("c").Value(-5'000'000'000).EndObject();
  EXPECT_EQ(out, R"(>{"a":1,"b":["x",true,null,{}],"c":-5000000000})");
}

TEST(JsonWriterTest, EscapesOnlyWhatJsonForbids) {
  std::string out;
  AppendJsonEscaped(out, std::string_view("q\" b\\ n\n t\t z\0 e\x1f ü", 20));
  EXPECT_EQ(out, "q\\\" b\\\\ n\\n t\\t z\\u0000 e\\u001f ü");
}

TEST(JsonWriterTest, ReplacesBytesThatAreNotUtf8) {
  std::string out;
  JsonWriter(&out).BeginObject().Key("k\xff").Value("a\xc3\xa4\xc3\"\xed\xa0\x80z").EndObject();
  EXPECT_EQ(out, "{\"k\ufffd\":\"a\u00e4\ufffd\\\"\ufffd\ufffd\ufffdz\"}");
}

TEST(JsonWriterTest, WritesNumbersThatJsonCannotRepresentAsNull) {
  std::string out;
  JsonWriter(&out).BeginArray().Value(0.1).Value(1.0 / 0.0).EndArray();
  EXPECT_EQ(out, "[0.1,null]");
}

}  // namespace
}  // namespace picket
