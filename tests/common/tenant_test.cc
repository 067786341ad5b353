#include "common/tenant.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <random>
#include <string>

namespace picket {
namespace {

bool IsGuidSlowly(const std::string& text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-'
             : std::string("0123456789abcdefABCDEF").find(text[i]) == std::string::npos) {
      return false;
    }
  }
  return true;
}

TEST(ReadGuidTest, AgreesWithItsSlowTwin) {
  std::mt19937 random(3);
  int good = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text(36, '-');
    for (size_t i = 0; i < text.size(); ++i) {
      if (i != 8 && i != 13 && i != 18 && i != 23)
        text[i] = "0123456789abcdefABCDEF"[random() % 22];
    }
    if (random() % 2 == 0) text[random() % 36] = static_cast<char>(random());
    const bool is_guid = IsGuidSlowly(text);
    ASSERT_EQ(IsGuid(text), is_guid) << text;
    std::array<uint8_t, 16> bytes;
    std::string lower(36, '?');
    ASSERT_EQ(ParseGuid(text, bytes, lower.data()), is_guid) << text;
    if (!is_guid) continue;
    ++good;
    std::string digits;
    for (char& c : text) {
      c = static_cast<char>(std::tolower(c));
      if (c != '-') digits += c;
    }
    ASSERT_EQ(lower, text);
    for (size_t i = 0; i < bytes.size(); ++i) {
      ASSERT_EQ(bytes[i], std::stoi(digits.substr(2 * i, 2), nullptr, 16)) << text;
    }
  }
  EXPECT_GT(good, 10'000);
}

TEST(IsGuidTest, AcceptsOneLengthOnly) {
  const std::string guid = "11111111-1111-4111-8111-111111111111";
  EXPECT_TRUE(IsGuid(guid));
  EXPECT_FALSE(IsGuid(guid + "1"));
  EXPECT_FALSE(IsGuid(guid.substr(1)));
  EXPECT_FALSE(IsGuid(""));
  EXPECT_EQ(CanonicalTenant("ABCDEFAB-1111-4111-8111-ABCDEFABCDEF"),
            "abcdefab-1111-4111-8111-abcdefabcdef");
}

}  // namespace
}  // namespace picket
