#include "parser/geo/maxmind_reader.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/support/maxmind_writer.h"

namespace picket::parser {
namespace {

using testing::HasSubstr;

std::vector<uint8_t> AddressBytes(const std::string& ip) {
  std::vector<uint8_t> bytes(ip.find(':') == std::string::npos ? 4 : 16);
  EXPECT_EQ(inet_pton(bytes.size() == 4 ? AF_INET : AF_INET6, ip.c_str(), bytes.data()), 1) << ip;
  return bytes;
}

std::string Name(const MaxMindReader& reader, const std::string& ip) {
  const std::optional<size_t> data = reader.Find(AddressBytes(ip));
  return data.has_value() ? std::string(reader.Get(*data, {"n"}).text) : "<none>";
}

TEST(MaxMindReaderTest, FindsTheNarrowestNetworkWithEveryRecordSize) {
  for (const int bits : {24, 28, 32}) {
    for (const int version : {4, 6}) {
      MaxMindWriter writer({.type = "Test", .record_bits = bits, .ip_version = version});
      writer.Add("203.0.113.0/24", R"({"n":"wide"})");
      writer.Add("203.0.113.128/25", R"({"n":"half"})");
      writer.Add("203.0.113.129/32", R"({"n":"one"})");
      if (version == 6) writer.Add("2001:db8::/32", R"({"n":"six"})");
      const absl::StatusOr<MaxMindReader> reader = MaxMindReader::Parse(writer.File());
      ASSERT_TRUE(reader.ok()) << reader.status();
      EXPECT_EQ(reader->type(), "Test");
      EXPECT_EQ(Name(*reader, "203.0.113.1"), "wide");
      EXPECT_EQ(Name(*reader, "203.0.113.200"), "half");
      EXPECT_EQ(Name(*reader, "203.0.113.129"), "one");
      EXPECT_EQ(Name(*reader, "203.0.114.1"), "<none>");
      EXPECT_EQ(Name(*reader, "2001:db8:1::5"), version == 6 ? "six" : "<none>");
      EXPECT_EQ(Name(*reader, "2001:db9::5"), "<none>");
    }
  }
}

TEST(MaxMindReaderTest, ReadsValuesOfEveryTypeByTheirPath) {
  MaxMindWriter writer({});
  const std::string long_text(70'000, 'x');
  writer.Add("198.51.100.0/24",
             absl::StrCat(R"({"skipped":{"a":[1,{"b":"c"}],"d":"e"},"long":")", long_text,
                          R"(","middle":")", std::string(300, 'y'),
                          R"(","list":[{"n":"first"},{"n":"second"}],"number":4200000000,)"
                          R"("zero":0,"degrees":-8.61,"names":{"en":"Porto"}})"));
  // The writer stores a repeated string once, and refers to it with pointers.
  writer.Add("203.0.113.0/24", R"({"names":{"en":"Porto","de":"Porto"}})");
  const absl::StatusOr<MaxMindReader> reader = MaxMindReader::Parse(writer.File());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const size_t data = reader->Find(AddressBytes("198.51.100.7")).value();
  EXPECT_EQ(reader->Get(data, {"names", "en"}).text, "Porto");
  EXPECT_EQ(reader->Get(data, {"long"}).text, long_text);
  EXPECT_EQ(reader->Get(data, {"middle"}).text, std::string(300, 'y'));
  EXPECT_EQ(reader->Get(data, {"list", "1", "n"}).text, "second");
  EXPECT_EQ(reader->Get(data, {"number"}).integer, 4200000000u);
  EXPECT_EQ(reader->Get(data, {"zero"}).type, MaxMindValue::kUnsigned);
  EXPECT_EQ(reader->Get(data, {"degrees"}).number, -8.61);
  EXPECT_EQ(reader->Get(data, {"names"}).type, MaxMindValue::kOther);
  for (const MaxMindValue& none :
       {reader->Get(data, {"nothing"}), reader->Get(data, {"list", "2"}),
        reader->Get(data, {"list", "x"}), reader->Get(data, {"number", "en"}),
        reader->Get(data + 1, {"names"})}) {
    EXPECT_EQ(none.type, MaxMindValue::kNone);
  }
  const size_t other = reader->Find(AddressBytes("203.0.113.7")).value();
  EXPECT_EQ(reader->Get(other, {"names", "de"}).text, "Porto");
}

// The networks and addresses are random.
TEST(MaxMindReaderTest, AgreesWithASearchInTheListOfNetworks) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    MaxMindWriter writer({.record_bits = 24 + 4 * static_cast<int>(random() % 3)});
    std::vector<std::pair<uint32_t, int>> networks;
    for (int i = 0; i < 50; ++i) {
      const int bits = 1 + random() % 32;
      const uint32_t first = (random() & 0xff) << 24 | (random() & 0xff);
      networks.push_back({first & (~uint32_t{0} << (32 - bits)), bits});
    }
    // A network with a shorter prefix comes first, so that later networks split it.
    std::stable_sort(networks.begin(), networks.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    const auto text = [](uint32_t ip) {
      return absl::StrCat(ip >> 24, ".", ip >> 16 & 255, ".", ip >> 8 & 255, ".", ip & 255);
    };
    for (size_t i = 0; i < networks.size(); ++i) {
      writer.Add(absl::StrCat(text(networks[i].first), "/", networks[i].second),
                 absl::StrCat(R"({"n":")", i, R"("})"));
    }
    const absl::StatusOr<MaxMindReader> reader = MaxMindReader::Parse(writer.File());
    ASSERT_TRUE(reader.ok()) << reader.status();
    for (int i = 0; i < 300; ++i) {
      const uint32_t ip = (random() & 0xff) << 24 | (random() & 0xff);
      std::string expected = "<none>";
      for (size_t n = 0; n < networks.size(); ++n) {
        const uint32_t mask = ~uint32_t{0} << (32 - networks[n].second);
        if ((ip & mask) == networks[n].first) expected = absl::StrCat(n);
      }
      EXPECT_EQ(Name(*reader, text(ip)), expected) << text(ip);
    }
  }
}

TEST(MaxMindReaderTest, RejectsOtherFilesAndSaysWhy) {
  MaxMindWriter writer({});
  writer.Add("203.0.113.0/24", R"({"n":"x"})");
  const std::string good = writer.File();
  const auto fault = [](std::string bytes) {
    return std::string(MaxMindReader::Parse(std::move(bytes)).status().message());
  };
  EXPECT_THAT(fault(""), HasSubstr("no metadata"));
  EXPECT_THAT(fault("some text"), HasSubstr("no metadata"));
  EXPECT_THAT(fault(good.substr(0, good.size() / 2)), HasSubstr("no metadata"));
  EXPECT_THAT(fault(good.substr(200)), HasSubstr("larger than the file"));
  std::string other = good;
  const size_t version = other.find("binary_format_major_version") + 27 + 1;
  other[version] = 3;
  EXPECT_THAT(fault(other), HasSubstr("not version 2"));
}

// A damaged database must cause neither a crash nor an endless loop. The loop below reads each byte
// of a value, so that ASan detects a value outside of the file.
TEST(MaxMindReaderTest, AnyChangedByteIsHarmless) {
  MaxMindWriter writer({});
  for (int i = 0; i < 40; ++i) {
    writer.Add(
        absl::StrCat(10 + i, ".0.0.0/12"),
        absl::StrCat(R"({"country":{"iso_code":"A)", i, R"(","names":{"en":"Land )", i,
                     R"("}},"subdivisions":[{"iso_code":"X"}],"location":{"latitude":1.5}})"));
  }
  const std::string good = writer.File();
  std::mt19937 random(9);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    const int changes = 1 + random() % 8;
    for (int i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (round % 10 == 0) bytes.resize(random() % bytes.size());
    const absl::StatusOr<MaxMindReader> reader = MaxMindReader::Parse(std::move(bytes));
    if (!reader.ok()) continue;
    for (int i = 0; i < 10; ++i) {
      const uint8_t address[4] = {static_cast<uint8_t>(10 + random() % 40),
                                  static_cast<uint8_t>(random() % 16), 1, 1};
      const std::optional<size_t> data = reader->Find(address);
      if (!data.has_value()) continue;
      size_t sum = 0;
      for (const MaxMindValue& value :
           {reader->Get(*data, {"country", "names", "en"}),
            reader->Get(*data, {"subdivisions", "0", "iso_code"}),
            reader->Get(*data, {"location", "latitude"}), reader->Get(*data, {"nothing"})}) {
        for (const char c : value.text) sum += static_cast<uint8_t>(c);
      }
      EXPECT_GE(sum, 0);
    }
  }
}

TEST(MaxMindReaderTest, CircularPointersAndEndlessNestingAreNotFollowed) {
  MaxMindWriter writer({});
  writer.Add("203.0.113.0/24", R"({"aaaaaaaa":"x","bbbbbbbb":[1,2,3,4]})");
  const std::string good = writer.File();
  const size_t data = good.find(
                          "\x48"
                          "aaaaaaaa") -
                      1;
  std::string circle = good;  // a database with a pointer to itself
  circle[data] = 0x20;
  circle[data + 1] = 0x00;
  std::string nested = good;  // a database with lists that are nested up to the end of the file
  for (size_t i = data; i + 1 < data + 20; i += 2) {
    nested[i] = 0x01;
    nested[i + 1] = 0x04;
  }
  for (const std::string& bytes : {circle, nested}) {
    const absl::StatusOr<MaxMindReader> reader = MaxMindReader::Parse(bytes);
    ASSERT_TRUE(reader.ok());
    const std::optional<size_t> found = reader->Find(AddressBytes("203.0.113.1"));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(reader->Get(*found, {"bbbbbbbb"}).type, MaxMindValue::kNone);
  }
}

}  // namespace
}  // namespace picket::parser
