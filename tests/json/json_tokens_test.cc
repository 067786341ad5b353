#include "json/json_tokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "common/byte_search.h"

namespace picket {
namespace {

TEST(ByteSearchTest, FindsTheFirstMarkedByte) {
  std::mt19937 random(7);
  for (int round = 0; round < 100'000; ++round) {
    char text[8];
    for (char& c : text) {
      static constexpr char kBytes[] = {'"', '\\', '\x1f', ' ', 'a', '\x80', '\xff', '\x7f', '\0'};
      c = random() % 3 == 0 ? kBytes[random() % sizeof kBytes] : static_cast<char>(random());
    }
    uint64_t word;
    std::memcpy(&word, text, 8);
    int quote = 8;
    int control = 8;
    for (int i = 7; i >= 0; --i) {
      if (text[i] == '"') quote = i;
      if (static_cast<unsigned char>(text[i]) < 0x20) control = i;
    }
    ASSERT_EQ(BytesBefore('"', word), quote);
    ASSERT_EQ(BytesBefore(MarkBelow(0x20, word)), control);
    ASSERT_EQ(BytesBefore(MarkByte('"', word) | MarkBelow(0x20, word)), std::min(quote, control));
  }
}

TEST(JsonTokensTest, UnescapingAStringGivesTheCharactersOfItsPieces) {
  struct Piece {
    std::string escaped;
    std::string plain;
  };
  const std::vector<Piece> pieces = {
      {"a", "a"},       {"words of text ", "words of text "},
      {"\\n", "\n"},    {"\\r", "\r"},
      {"\\t", "\t"},    {"\\b", "\b"},
      {"\\f", "\f"},    {"\\\"", "\""},
      {"\\\\", "\\"},   {"\\/", "/"},
      {"\\u0041", "A"}, {"\\u00e9", "é"},
      {"\\u20AC", "€"}, {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
      {"é€", "é€"},     {"\\u0000", std::string(1, '\0')},
  };
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string escaped;
    std::string plain = "before";
    for (size_t n = random() % 30; n > 0; --n) {
      const Piece& piece = pieces[random() % pieces.size()];
      escaped += piece.escaped;
      plain += piece.plain;
    }
    std::string out = "before";
    AppendJsonUnescaped(escaped, out);
    ASSERT_EQ(out, plain) << escaped;
  }
}

}  // namespace
}  // namespace picket
