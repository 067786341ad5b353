#include "simulator/content/large_content.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "simulator/content/record_digest.h"
#include "simulator/server/http.h"

namespace picket::simulator {
namespace {

std::string Whole(const LargeContent& content) {
  std::string all;
  const auto source = MakeLargeSource(content);
  for (auto piece = source->Next(); !piece.empty(); piece = source->Next()) all.append(piece);
  return all;
}

TEST(LargeContentTest, HasExactlyTheRequestedLengthAndIsAnArray) {
  for (const uint64_t bytes : {300u, 1000u, 65535u, 65536u, 131072u, 1'000'001u}) {
    for (const bool random : {false, true}) {
      const LargeContent content{"00000000-0000-4000-8000-000000000001", 7, bytes, random};
      const std::string text = Whole(content);
      EXPECT_EQ(text.size(), LengthOf(content));
      if (bytes >= 1000) {
        EXPECT_EQ(text.size(), bytes);
      }
      RecordDigester digester;
      digester.Add(text);
      EXPECT_TRUE(digester.complete());
      const std::vector<RecordDigest> records = digester.Take();
      EXPECT_EQ(records.size(), std::max<uint64_t>(1, bytes / 65536));
      EXPECT_EQ(records[0].id.size(), 36u);
      EXPECT_EQ(text, Whole(content));
    }
  }
}

TEST(LargeContentTest, OnlyRandomContentDoesNotCompress) {
  const std::string plain = Whole({"t", 1, 1'000'000, false});
  const std::string random = Whole({"t", 1, 1'000'000, true});
  EXPECT_LT(Gzip(plain).size(), 20'000u);
  EXPECT_GT(Gzip(random).size(), 700'000u);
  EXPECT_NE(random, Whole({"t", 2, 1'000'000, true}));
}

TEST(LargeContentTest, AnEndlessSourceDoesNotEnd) {
  const auto source = MakeLargeSource({"t", 1, 0, false});
  size_t bytes = 0;
  for (int i = 0; i < 100; ++i) bytes += source->Next().size();
  EXPECT_GT(bytes, 6'000'000u);
}

TEST(LargeContentTest, ABombDecodesToAnArrayOfBlanks) {
  const auto source = MakeBombSource(3'000'000);
  std::string packed;
  for (auto piece = source->Next(); !piece.empty(); piece = source->Next()) packed.append(piece);
  EXPECT_LT(packed.size(), 10'000u);
  std::string text(4'000'000, 'x');
  z_stream stream = {};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(text, "[" + std::string(3'000'000, ' ') + "]");
}

}  // namespace
}  // namespace picket::simulator
