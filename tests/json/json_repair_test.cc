#include "json/json_repair.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

std::string Repaired(std::string_view text) {
  std::string out = "replaced";
  RepairJsonStrings(text, out);
  return out;
}

TEST(JsonRepairTest, ValidTextIsNotChanged) {
  for (const std::string text :
       {R"({"a":"é€😀","b":"\ud83d\ude00 \u00e9 \n","c":[1,true]})", "{\n\t\"a\" : 1\r\n}", ""}) {
    EXPECT_EQ(Repaired(text), text);
  }
}

TEST(JsonRepairTest, InvalidUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(Repaired("\"a\xff\x62\""), "\"a\xef\xbf\xbd\x62\"");
  // The last byte of the character is missing.
  EXPECT_EQ(Repaired("\"\xe2\x82\""), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  // A null character in two bytes. UTF-8 requires the shortest encoding.
  EXPECT_EQ(Repaired("\"\xc0\x80\""), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  // A surrogate in three bytes. UTF-8 cannot contain surrogates.
  EXPECT_EQ(Repaired("\"\xed\xa0\x80\""), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(JsonRepairTest, ALoneSurrogateBecomesTheReplacementCharacter) {
  EXPECT_EQ(Repaired(R"("\ud83d x")"), R"("\ufffd x")");
  EXPECT_EQ(Repaired(R"("\ude00")"), R"("\ufffd")");
  EXPECT_EQ(Repaired(R"("\ud83d\u0041")"), R"("\ufffd\u0041")");
  EXPECT_EQ(Repaired(R"("\\ud83d")"), R"("\\ud83d")");  // an escaped backslash, not a \u escape
}

TEST(JsonRepairTest, ControlCharactersInsideStringsAreEscaped) {
  EXPECT_EQ(Repaired("{\n\"a\":\"x\ty\x01\"}"), "{\n\"a\":\"x\\u0009y\\u0001\"}");
}

}  // namespace
}  // namespace picket
