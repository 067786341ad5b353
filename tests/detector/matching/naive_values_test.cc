// Compares the functions of the slow twin (tests/twins/naive_values.h) with the engine's functions.

#include "tests/twins/naive_values.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "detector/matching/canonical_number.h"
#include "detector/text/fold.h"
#include "sigma/network.h"

namespace picket::detector {
namespace {

std::string Utf8(uint32_t code) {
  std::string text;
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  }
  if (code >= 0x80) text += static_cast<char>(0x80 | (code & 0x3F));
  return text;
}

TEST(NaiveValuesTest, EveryCodePointFoldsAsInTheProduct) {
  size_t folded = 0;
  for (uint32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    const std::string text = Utf8(code), expected = Utf8(NaivelyFolded(code));
    ASSERT_EQ(Folded(text), expected) << absl::StrCat(absl::Hex(code));
    ASSERT_EQ(NaivelyFolded(std::string_view(text)), expected) << absl::StrCat(absl::Hex(code));
    if (text != expected) ++folded;
  }
  EXPECT_GT(folded, 400u);
}

TEST(NaiveValuesTest, RandomBytesFoldAsInTheProduct) {
  std::mt19937 random(1);
  constexpr std::string_view kBytes =
      "aZ\x80\xBF\xC0\xC3\xC4\xCE\xD0\xE1\xE2\xED\xF0\xF4\xFF\xB8\x84";
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (size_t size = random() % 9; size > 0; --size) text += kBytes[random() % kBytes.size()];
    ASSERT_EQ(NaivelyFolded(std::string_view(text)), Folded(text)) << testing::PrintToString(text);
  }
}

std::string Canonical(std::string_view text) {
  char buffer[32];
  std::string_view canonical;
  return std::string(CanonicalNumber(text, buffer, &canonical) ? canonical : text);
}

TEST(NaiveValuesTest, NumbersHaveTheCanonicalFormOfTheProduct) {
  std::mt19937 random(2);
  constexpr std::string_view kAlphabet = "0123456789005.-+eExoaF";
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    for (size_t size = random() % 12; size > 0; --size)
      text += kAlphabet[random() % kAlphabet.size()];
    ASSERT_EQ(NaivelyCanonical(text), Canonical(text)) << text;
    const std::string number = absl::StrCat(random() % 1000, ".", random() % 1000, "e",
                                            static_cast<int>(random() % 60) - 30);
    ASSERT_EQ(NaivelyCanonical(number), Canonical(number)) << number;
  }
  for (const std::string_view text :
       {"", "-0", "0.0", "1e400", "1e-400", "9007199254740993", "123456789012345678901", "1e22",
        "1e23", "0x2A", "0xffffffffffffffff", "0x10000000000000000", "0o17", "0o8", "+-5", "nan",
        "inf"}) {
    EXPECT_EQ(NaivelyCanonical(text), Canonical(text)) << text;
  }
}

TEST(NaiveValuesTest, AddressesAreInTheNetworksOfTheProduct) {
  std::mt19937 random(3);
  constexpr std::string_view kAddresses[] = {
      "10.0.0.1",
      "10.0.1.255",
      "10.0.0.1:443",
      "192.168.0.1",
      "2001:db8::1",
      "2001:db9::1",
      "[2001:db8::1]:80",
      "[2001:db8::1",
      "::ffff:10.0.0.1",
      "fe80::1%eth0",
      "10.0.0",
      "",
      "10.0.0.1 ",
      "10.0.0.256",
      "1:2",
      "::",
      "[::1]",
      "::ffff:10.0.0.1%lo",
      "0.0.0.0",
      "x",
  };
  constexpr std::string_view kNetworks[] = {
      "10.0.0.0", "10.0.0.1", "192.168.0.0", "2001:db8::", "::", "fe80::", "::ffff:10.0.0.0"};
  size_t inside = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string address(kAddresses[random() % std::size(kAddresses)]);
    std::string network(kNetworks[random() % std::size(kNetworks)]);
    if (random() % 4 != 0) absl::StrAppend(&network, "/", random() % 130);
    sigma::Network parsed;
    sigma::Address host;
    const bool expected = sigma::ParseNetwork(network, parsed) &&
                          sigma::ParseAddress(address, host) && Contains(parsed, host);
    ASSERT_EQ(IsNaivelyInNetwork(address, network), expected) << address << " in " << network;
    if (expected) ++inside;
  }
  EXPECT_GT(inside, 500u);
}

}  // namespace
}  // namespace picket::detector
