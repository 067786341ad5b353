#include "json/json_tokens.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace picket {
namespace {

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
