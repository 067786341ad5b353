#include "kafka/topics.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>
#include <string>

namespace picket::kafka {
namespace {

// Computes MurmurHash2 with Kafka's seed byte by byte, as a slow reference implementation.
uint32_t Murmur2(std::string_view data) {
  constexpr uint32_t m = 0x5bd1e995;
  uint32_t h = 0x9747b28c ^ static_cast<uint32_t>(data.size());
  size_t i = 0;
  for (; i + 4 <= data.size(); i += 4) {
    uint32_t k = 0;
    for (int byte = 3; byte >= 0; --byte) k = k << 8 | static_cast<uint8_t>(data[i + byte]);
    k *= m;
    k ^= k >> 24;
    k *= m;
    h = h * m ^ k;
  }
  if (const size_t rest = data.size() - i; rest > 0) {
    for (size_t byte = rest; byte > 0; --byte) {
      h ^= static_cast<uint32_t>(static_cast<uint8_t>(data[i + byte - 1])) << (8 * (byte - 1));
    }
    h *= m;
  }
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return h;
}

TEST(PartitionOfTest, TheTenantOfTheDesignIsInPartitionEightOfTwentyFour) {
  EXPECT_EQ(PartitionOf("ce58a858-12c6-4de5-9620-2a6b24a71ad4", 24), 8);
}

TEST(PartitionOfTest, MatchesTheVectorsThatJavaPublishes) {
  EXPECT_EQ(static_cast<int32_t>(Murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-long-string")), -985981536);
  for (const char* key : {"21", "foobar", "a-little-bit-long-string"}) {
    EXPECT_EQ(PartitionOf(key, 1000), (Murmur2(key) & 0x7fffffff) % 1000) << key;
  }
}

TEST(PartitionOfTest, MatchesTheFormulaForRandomTenants) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    std::string tenant;
    for (size_t length = random() % 40; length > 0; --length)
      tenant += "0123456789abcdef-"[random() % 17];
    const auto partitions = static_cast<int32_t>(1 + random() % 200);
    ASSERT_EQ(PartitionOf(tenant, partitions), (Murmur2(tenant) & 0x7fffffff) % partitions)
        << tenant;
  }
}

TEST(TopicsTest, TheTableIsInTheOrderOfTheEnum) {
  ASSERT_EQ(Topics().size(), static_cast<size_t>(kTopicCount));
  std::set<std::string_view> names;
  for (int i = 0; i < kTopicCount; ++i) {
    EXPECT_EQ(static_cast<int>(Topics()[i].topic), i);
    names.insert(Topics()[i].name);
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(kTopicCount));
}

TEST(TopicsTest, ANameIsThePrefixAndTheShortName) {
  EXPECT_EQ(TopicName("o365.", Topic::kDeadLetters), "o365.dead-letters");
  EXPECT_EQ(TopicName("", Topic::kRaw), "raw");
}

TEST(TopicsTest, EveryTopicAcceptsMessagesOfEightMebibytes) {
  for (const TopicSpec& spec : Topics()) {
    EXPECT_EQ(spec.settings.at("max.message.bytes"), "8388608") << spec.name;
  }
}

TEST(TopicsTest, OnlyRulesHasASinglePartition) {
  for (const TopicSpec& spec : Topics()) {
    EXPECT_EQ(spec.single_partition, spec.topic == Topic::kRules) << spec.name;
  }
}

TEST(TopicsTest, StateIsCompactedAndOtherTopicsAreKeptForATime) {
  for (const Topic topic : {Topic::kLedger, Topic::kState, Topic::kRules}) {
    const auto& settings = Topics()[static_cast<size_t>(topic)].settings;
    EXPECT_EQ(settings.at("cleanup.policy"), "compact");
    EXPECT_EQ(settings.at("segment.ms"), "3600000") << "otherwise the cleaner would wait a week";
    EXPECT_EQ(settings.count("retention.ms"), 0u);
  }
  for (const Topic topic : {Topic::kRaw, Topic::kEvents, Topic::kAlerts, Topic::kSeen}) {
    const auto& settings = Topics()[static_cast<size_t>(topic)].settings;
    EXPECT_EQ(settings.at("cleanup.policy"), "delete");
    EXPECT_GE(std::stoll(settings.at("retention.ms")), 7LL * 24 * 60 * 60 * 1000);
  }
}

}  // namespace
}  // namespace picket::kafka
