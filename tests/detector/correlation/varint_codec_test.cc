#include "detector/correlation/varint_codec.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace picket::detector {
namespace {

TEST(VarintCodecTest, WhatIsWrittenIsRead) {
  std::string bytes;
  for (const uint64_t number : {uint64_t{0}, uint64_t{127}, uint64_t{128}, UINT64_MAX}) {
    PutVarint(bytes, number);
  }
  for (const int64_t number : {int64_t{0}, int64_t{-1}, INT64_MIN, INT64_MAX}) {
    PutSignedVarint(bytes, number);
  }
  PutFixed64(bytes, 0x0123456789abcdef);
  PutSizedString(bytes, "adele");
  PutSizedString(bytes, "");

  VarintReader reader(bytes);
  for (const uint64_t number : {uint64_t{0}, uint64_t{127}, uint64_t{128}, UINT64_MAX}) {
    EXPECT_EQ(reader.Varint(), number);
  }
  for (const int64_t number : {int64_t{0}, int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(reader.SignedVarint(), number);
  }
  EXPECT_EQ(reader.Fixed64(), 0x0123456789abcdefu);
  EXPECT_EQ(reader.SizedString(), "adele");
  EXPECT_EQ(reader.SizedString(), "");
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.empty());
}

TEST(VarintCodecTest, TheBytesAreThoseOfProtocolBuffers) {
  std::string bytes;
  PutVarint(bytes, 150);
  PutSignedVarint(bytes, -2);
  EXPECT_EQ(bytes, "\x96\x01\x03");
}

TEST(VarintCodecTest, AfterAReadBeyondTheEndEverythingIsEmpty) {
  std::string bytes;
  PutSizedString(bytes, "adele");
  VarintReader reader(std::string_view(bytes).substr(0, 3));
  EXPECT_EQ(reader.SizedString(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.Varint(), 0u);
  EXPECT_EQ(reader.Fixed64(), 0u);
}

}  // namespace
}  // namespace picket::detector
