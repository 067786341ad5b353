#include "json/json_escapes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace picket::parser {
namespace {

// The slow twin of CheckJsonEscapes, which checks one character at a time.
JsonFault CheckSlowly(const std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
    const char c = text[++i];
    if (std::string("\"\\/bfnrt").find(c) != std::string::npos) continue;
    if (c != 'u') {
      return static_cast<unsigned char>(c) < 0x20 ? JsonFault::kBadString : JsonFault::kSyntax;
    }
    const auto code_at = [&](size_t at) {
      if (at + 4 > text.size()) return -1;
      const std::string digits = text.substr(at, 4);
      if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return -1;
      return std::stoi(digits, nullptr, 16);
    };
    const int code = code_at(i + 1);
    if (code < 0) return JsonFault::kSyntax;
    i += 4;
    if (code >= 0xdc00 && code <= 0xdfff) return JsonFault::kBadString;
    if (code >= 0xd800 && code <= 0xdbff) {
      const int low = text.compare(i + 1, 2, "\\u") == 0 ? code_at(i + 3) : -1;
      if (low < 0xdc00 || low > 0xdfff) return JsonFault::kBadString;
      i += 6;
    }
  }
  return JsonFault::kNone;
}

TEST(JsonEscapesTest, AgreesWithTheSlowTwinOnRandomTexts) {
  std::mt19937 random(20261124);
  const std::vector<std::string> pieces = {
      "x",       "\"",      "\\\\",           "\\\"",           "\\n",
      "\\/",     "\\u00e9", "\\ud83d\\ude00", "\\ud83d\\u0041", "\\udc00",
      "\\ud83d", "\\q",     "\\\x01",         "plain words ",   "{\\\"a\\\":1}",
      "\\",      "é"};
  int faults[5] = {};
  for (int round = 0; round < 60'000; ++round) {
    std::string text = "[";
    // The first eight pieces are valid. Two of three texts contain only these pieces. Otherwise,
    // hardly any text would be valid.
    const size_t most = round % 3 == 0 ? pieces.size() : 8;
    for (size_t n = random() % 60; n > 0; --n) {
      text += pieces[random() % most];
      text.append(random() % 3 == 0 ? random() % 70 : 0, '.');
    }
    text += "]";
    const JsonFault fault = CheckSlowly(text);
    ++faults[static_cast<int>(fault)];
    ASSERT_EQ(CheckJsonEscapes(text), fault) << text;
  }
  EXPECT_GT(faults[static_cast<int>(JsonFault::kNone)], 1000);
  EXPECT_GT(faults[static_cast<int>(JsonFault::kSyntax)], 1000);
  EXPECT_GT(faults[static_cast<int>(JsonFault::kBadString)], 1000);
}

// CheckJsonEscapes reads blocks of 64 bytes. An escape may be anywhere in a block, and may cross
// the end of a block.
TEST(JsonEscapesTest, FindsEscapesAtEveryPosition) {
  for (size_t before = 0; before < 140; ++before) {
    for (size_t after = 0; after < 70; after += 23) {
      const std::string dots(before, '.');
      const std::string end = std::string(after, '.') + "]";
      EXPECT_EQ(CheckJsonEscapes(dots + "\\\\" + end), JsonFault::kNone);
      EXPECT_EQ(CheckJsonEscapes(dots + "\\\\q" + end), JsonFault::kNone);
      EXPECT_EQ(CheckJsonEscapes(dots + "\\\\\\q" + end), JsonFault::kSyntax);
      EXPECT_EQ(CheckJsonEscapes(dots + "\\ud83d\\ude00" + end), JsonFault::kNone);
      EXPECT_EQ(CheckJsonEscapes(dots + "\\ude00" + end), JsonFault::kBadString);
      EXPECT_EQ(CheckJsonEscapes(dots + "\\u12" + end), JsonFault::kSyntax);
    }
  }
}

}  // namespace
}  // namespace picket::parser
