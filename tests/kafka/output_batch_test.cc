#include "kafka/output_batch.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

TEST(OutputBatchTest, KeepsACopyOfKeyValueAndHeaders) {
  OutputBatch batch;
  {
    std::string key = "key";
    std::string value = "value";
    std::string name = "name";
    const std::vector<Header> headers = {{name, "1"}, {"other", {}}};
    batch.Add(Topic::kEvents, 7, key, value, headers);
    key = value = name = "gone";
  }
  ASSERT_EQ(batch.entries().size(), 1u);
  const OutputBatch::Entry& entry = batch.entries()[0];
  EXPECT_EQ(entry.topic, Topic::kEvents);
  EXPECT_EQ(entry.partition, 7);
  EXPECT_EQ(entry.key, "key");
  EXPECT_EQ(entry.value, "value");
  EXPECT_FALSE(entry.is_tombstone);
  ASSERT_EQ(batch.HeadersOf(entry).size(), 2u);
  EXPECT_EQ(batch.HeadersOf(entry)[0].name, "name");
  EXPECT_EQ(batch.HeadersOf(entry)[0].value, "1");
  EXPECT_EQ(batch.HeadersOf(entry)[1].value, "");
  EXPECT_EQ(batch.bytes(), OutputBytes("key", "value", batch.HeadersOf(entry)));
}

TEST(OutputBatchTest, MessagesThatShareHeadersHaveAllOfThem) {
  OutputBatch batch;
  batch.Add(Topic::kEvents, 1, "before", "v", std::vector<Header>{{"own", "0"}});
  OutputBatch::SharedHeaders shared;
  {
    std::string value = "1";
    shared = batch.Share(std::vector<Header>{{"name", value}, {"other", "2"}});
    value = "gone";
  }
  batch.AddShared(Topic::kEvents, 1, "a", "x", shared);
  batch.Add(Topic::kEvents, 1, "between", "v", std::vector<Header>{{"own", "3"}});
  batch.AddShared(Topic::kEvents, 2, "b", "y", shared);
  for (const size_t i : {1, 3}) {
    const OutputBatch::Entry& entry = batch.entries()[i];
    ASSERT_EQ(batch.HeadersOf(entry).size(), 2u);
    EXPECT_EQ(batch.HeadersOf(entry)[0].value, "1");
    EXPECT_EQ(batch.HeadersOf(entry)[1].name, "other");
  }
  EXPECT_EQ(batch.entries()[3].key, "b");
  EXPECT_EQ(batch.entries()[3].value, "y");
  EXPECT_EQ(batch.HeadersOf(batch.entries()[2])[0].value, "3");
}

TEST(OutputBatchTest, AMessageCanHaveOneHeaderMoreThanItsSharedHeaders) {
  OutputBatch batch;
  const OutputBatch::SharedHeaders shared =
      batch.Share(std::vector<Header>{{"name", "1"}, {"other", "2"}});
  for (int i = 0; i < 1000; ++i) {
    const std::string value = std::to_string(i);
    batch.AddShared(Topic::kEvents, 1, "k", "v", batch.ShareWith(shared, {"last", value}));
  }
  batch.AddShared(Topic::kEvents, 1, "k", "v", shared);
  for (size_t i = 0; i < 1000; ++i) {
    const absl::Span<const Header> headers = batch.HeadersOf(batch.entries()[i]);
    ASSERT_EQ(headers.size(), 3u);
    EXPECT_EQ(headers[0].value, "1");
    EXPECT_EQ(headers[1].name, "other");
    EXPECT_EQ(headers[2].name, "last");
    EXPECT_EQ(headers[2].value, std::to_string(i));
  }
  EXPECT_EQ(batch.HeadersOf(batch.entries()[1000]).size(), 2u);
}

TEST(OutputBatchTest, ATombstoneIsNotAnEmptyValue) {
  OutputBatch batch;
  batch.Add(Topic::kLedger, 0, "key", "");
  batch.AddTombstone(Topic::kLedger, 0, "key");
  EXPECT_FALSE(batch.entries()[0].is_tombstone);
  EXPECT_TRUE(batch.entries()[1].is_tombstone);
}

TEST(OutputBatchTest, APartitionIsTouchedOnce) {
  OutputBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.Touch(3);
  batch.Touch(5);
  batch.Touch(3);
  EXPECT_EQ(std::vector<int32_t>(batch.touched().begin(), batch.touched().end()),
            (std::vector<int32_t>{3, 5}));
  EXPECT_FALSE(batch.empty());
  batch.Clear();
  EXPECT_TRUE(batch.empty());
}

TEST(OutputBatchTest, BytesKeepTheirAddressUntilClear) {
  std::mt19937 random(1);
  OutputBatch batch;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::pair<std::string, std::string>> expected;
    std::vector<const char*> places;
    for (int i = 0; i < 300; ++i) {
      // Some values are larger than a block.
      const size_t size = random() % 50 == 0 ? (1 << 20) + random() % 1000 : random() % 20000;
      expected.emplace_back(std::string(random() % 40, static_cast<char>('a' + i % 26)),
                            std::string(size, static_cast<char>('A' + i % 26)));
      batch.Add(Topic::kRaw, i, expected.back().first, expected.back().second);
      places.push_back(batch.entries().back().value.data());
    }
    ASSERT_EQ(batch.entries().size(), expected.size());
    size_t bytes = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(batch.entries()[i].key, expected[i].first);
      ASSERT_EQ(batch.entries()[i].value, expected[i].second);
      ASSERT_EQ(batch.entries()[i].value.data(), places[i]);
      bytes += OutputBytes(expected[i].first, expected[i].second, {});
    }
    EXPECT_EQ(batch.bytes(), bytes);
    batch.Clear();
    EXPECT_EQ(batch.bytes(), 0u);
  }
}

}  // namespace
}  // namespace picket::kafka
