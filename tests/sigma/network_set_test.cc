#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sigma/decimal.h"
#include "sigma/network.h"

namespace picket::sigma {
namespace {

std::string Canonical(std::string_view text) {
  Address address;
  if (!ParseAddress(text, address)) return "";
  char buffer[kMaxAddressText];
  return {buffer, WriteAddress(address, buffer)};
}

TEST(NetworkSetTest, ASetContainsTheAddressesOfItsNetworks) {
  std::mt19937 random(7);
  const auto below = [&random](uint32_t bound) { return random() % bound; };
  int inside = 0, outside = 0;
  for (int round = 0; round < 100; ++round) {
    NetworkSet set;
    std::vector<Network> networks;
    for (int i = 0; i < 20; ++i) {
      const std::string text =
          below(2) == 0 ? absl::StrCat("10.", below(4), ".", below(4), ".0/", 14 + below(19))
                        : absl::StrCat("2001:db8:", below(4), "::", below(4), "/", 30 + below(99));
      ASSERT_TRUE(ParseNetwork(text, networks.emplace_back())) << text;
      set.Add(networks.back());
    }
    set.Build();
    for (int i = 0; i < 50; ++i) {
      const std::string text =
          below(2) == 0 ? absl::StrCat("10.", below(5), ".", below(5), ".", below(256), ":443")
                        : absl::StrCat("2001:db8:", below(5), "::", below(5));
      Address address;
      ASSERT_TRUE(ParseAddress(text, address)) << text;
      bool expected = false;
      for (const Network& network : networks) expected |= Contains(network, address);
      EXPECT_EQ(set.Contains(address), expected) << text;
      ++(expected ? inside : outside);
    }
  }
  EXPECT_GT(inside, 500);
  EXPECT_GT(outside, 500);
}

TEST(NetworkSetTest, TheWholeSpaceAndTheLastAddressAreContained) {
  for (const auto& [network, address] :
       {std::pair<const char*, const char*>{"0.0.0.0/0", "255.255.255.255"},
        {"255.255.255.255", "255.255.255.255"},
        {"::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}}) {
    NetworkSet set;
    Network parsed;
    Address host;
    ASSERT_TRUE(ParseNetwork(network, parsed) && ParseAddress(address, host));
    set.Add(parsed);
    set.Build();
    EXPECT_TRUE(set.Contains(host)) << network;
    EXPECT_FALSE(set.empty());
  }
  EXPECT_TRUE(NetworkSet().empty());
}

TEST(AddressTest, AnAddressHasOneCanonicalText) {
  for (const char* const text :
       {"198.51.100.7", "198.51.100.7:443", "::ffff:198.51.100.7", "[::FFFF:198.51.100.7]:443"}) {
    EXPECT_EQ(Canonical(text), "198.51.100.7") << text;
  }
  for (const char* const text :
       {"2001:db8::1", "2001:DB8:0:0::1", "[2001:db8::0001]:443", "2001:db8::1%eth0"}) {
    EXPECT_EQ(Canonical(text), "2001:db8::1") << text;
  }
  EXPECT_EQ(Canonical("a.b.c.d"), "");
}

TEST(DecimalTest, NumbersAreComparedDigitByDigit) {
  const std::vector<std::string> ascending = {"-1e400",
                                              "-123456789012345678901",
                                              "-1.5",
                                              "-0.1",
                                              "0",
                                              "1e-400",
                                              "0.09999999999999999999",
                                              "0.1",
                                              "0.10000000000000000001",
                                              "1.5",
                                              "9007199254740992",
                                              "9007199254740993",
                                              "18446744073709551616",
                                              "1e20",
                                              "100000000000000000001",
                                              "1e400"};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t k = 0; k < ascending.size(); ++k) {
      EXPECT_EQ(CompareDecimals(ascending[i], ascending[k]), i < k   ? -1
                                                             : i > k ? 1
                                                                     : 0)
          << ascending[i] << " " << ascending[k];
    }
  }
  for (const char* const equal : {"15e-1", "1.50", "0.15e1", "+1.5", "001.5"}) {
    EXPECT_EQ(CompareDecimals(equal, "1.5"), 0) << equal;
  }
  EXPECT_EQ(CompareDecimals("-0.0", "0"), 0);
  EXPECT_EQ(DecimalText(0.1), "0.1");
}

}  // namespace
}  // namespace picket::sigma
