#include "parser/mapping/network_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace picket::parser {
namespace {

TEST(ParseAddressTest, AgreesWithTheSystemOnIpV6) {
  std::mt19937_64 random(6);
  const std::string alphabet = "0123456789abf:.";
  int valid = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    const int groups = 1 + static_cast<int>(random() % 9);
    for (int g = 0; g < groups; ++g) {
      if (g > 0) text += random() % 8 == 0 ? "::" : random() % 6 == 0 ? "." : ":";
      for (int d = static_cast<int>(random() % 4); d >= 0; --d) text += alphabet[random() % 13];
    }
    if (random() % 5 == 0) text = "::" + text;
    if (random() % 9 == 0) text += "::";
    unsigned char bytes[16];
    const bool is_v6 = inet_pton(AF_INET6, text.c_str(), bytes) == 1;
    valid += is_v6;
    // Addresses of more than 39 characters are not compared. inet_pton accepts such an address if
    // it ends with an IPv4 address, but OCSF's pattern rejects it.
    if (text.size() <= 39) {
      ASSERT_EQ(IsIpV6(text), is_v6) << text;
    }
    ASSERT_FALSE(IsIpV4(text) && is_v6);
  }
  EXPECT_GT(valid, 100);
}

TEST(ParseAddressTest, AgreesWithTheSystemOnIpV4) {
  std::mt19937_64 random(7);
  int valid = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    const int numbers = random() % 16 == 0 ? static_cast<int>(random() % 6) : 4;
    for (int n = 0; n < numbers; ++n) {
      if (n > 0) text += '.';
      if (random() % 12 == 0) text += '0';
      text += std::to_string(random() % 280);
    }
    if (random() % 16 == 0) text += "abc.x0 "[random() % 7];
    unsigned char bytes[4];
    const bool is_v4 = inet_pton(AF_INET, text.c_str(), bytes) == 1;
    valid += is_v4;
    ASSERT_EQ(IsIpV4(text), is_v4) << text;
  }
  EXPECT_GT(valid, 50'000);
}

TEST(ParseAddressTest, ReadsEveryFormatOfTheField) {
  EXPECT_EQ(ParseAddress("[::ffff:192.0.2.1]:443").ip, "192.0.2.1");
  EXPECT_EQ(ParseAddress("ffff:10.11.0.229").ip, "10.11.0.229");
  EXPECT_EQ(ParseAddress("192.0.2.1:65536").port, 0);
  EXPECT_EQ(ParseAddress("[host.example]:25").hostname, "host.example");
  EXPECT_EQ(ParseAddress("host.example:25").port, 25);
  EXPECT_EQ(ParseAddress("[NAME (15.20.4129.032)]").ip, "");
  EXPECT_EQ(ParseAddress("[NAME (15.20.4129.032)]").hostname, "NAME");
  EXPECT_EQ(ParseAddress("[192.0.2.1]").ip, "192.0.2.1");
  EXPECT_EQ(ParseAddress("NAME (192.0.2.1)").ip, "192.0.2.1");
  EXPECT_EQ(ParseAddress("NAME (192.0.2.1:80)").ip, "192.0.2.1");
  EXPECT_EQ(ParseAddress("NAME (192.0.2.1:80)").port, 80);
  EXPECT_EQ(ParseAddress("NAME (192.0.2.1:80)").hostname, "NAME");
  EXPECT_EQ(ParseAddress("NAME ([2001:db8::1]:443)").ip, "2001:db8::1");
  EXPECT_EQ(ParseAddress("NAME ([2001:db8::1]:443)").port, 443);
  EXPECT_EQ(ParseAddress("NAME (host:25)").ip, "");
  EXPECT_EQ(ParseAddress("NAME (host:25)").port, 0);
  EXPECT_FALSE(ParseAddress("<null>").known());
  EXPECT_FALSE(ParseAddress("15.20.4129.032").known());
  EXPECT_FALSE(ParseAddress("15.20.41.032").known());
}

}  // namespace
}  // namespace picket::parser
