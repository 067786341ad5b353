// Tests on a real Kafka that the topics are created with the settings in the table Topics(), and
// that differences from this table are detected.

#include "kafka/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "kafka/admin.h"
#include "kafka/config.h"

namespace picket::kafka {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TopicsOnKafkaTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const servers = std::getenv("PICKET_TEST_KAFKA");
    if (servers == nullptr || *servers == '\0') {
      GTEST_SKIP() << "PICKET_TEST_KAFKA names no Kafka (host:port); run scripts/test";
    }
    kafka_.bootstrap_servers = servers;
    topics_.prefix = absl::StrCat("topics-", absl::Hex(std::random_device()()), ".");
    topics_.partitions = 3;
    topics_.replication_factor = 1;
  }

  KafkaConfig kafka_;
  TopicsConfig topics_;
};

TEST_F(TopicsOnKafkaTest, AreCreatedWithEverySettingOfTheTable) {
  const auto created = CreateTopics(kafka_, topics_);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->made, SizeIs(kTopicCount));
  EXPECT_THAT(created->found, IsEmpty());
  EXPECT_EQ(CheckTopics(kafka_, topics_), absl::OkStatus());

  const auto states = DescribeTopics(kafka_, topics_);
  ASSERT_TRUE(states.ok()) << states.status();
  for (const TopicState& state : *states) {
    EXPECT_EQ(state.partitions, state.topic == Topic::kRules ? 1 : 3) << state.name;
    for (const auto& [name, value] : Topics()[static_cast<size_t>(state.topic)].settings) {
      ASSERT_EQ(state.settings.count(name), 1u) << state.name << " " << name;
      EXPECT_EQ(state.settings.at(name), value) << state.name << " " << name;
    }
  }
}

TEST_F(TopicsOnKafkaTest, ASecondCallChangesNothing) {
  ASSERT_TRUE(CreateTopics(kafka_, topics_).ok());
  const auto again = CreateTopics(kafka_, topics_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->made, IsEmpty());
  EXPECT_THAT(again->found, SizeIs(kTopicCount));
}

TEST_F(TopicsOnKafkaTest, AnotherCountOrAShorterRetentionIsRefusedWithTheWayOut) {
  topics_.retention_ms["raw"] = "60000";
  ASSERT_TRUE(CreateTopics(kafka_, topics_).ok());
  EXPECT_EQ(CheckTopics(kafka_, topics_), absl::OkStatus());

  topics_.retention_ms.clear();
  topics_.partitions = 4;
  const absl::Status status = CheckTopics(kafka_, topics_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("3 partitions instead of 4: "),
                    HasSubstr(absl::StrCat(topics_.prefix,
                                           "raw: retention.ms is 60000, expected "
                                           "604800000; run: kafka-configs.sh")),
                    Not(HasSubstr("missing"))));
  EXPECT_EQ(CreateTopics(kafka_, topics_).status().code(), absl::StatusCode::kFailedPrecondition)
      << "existing topics stay unchanged, and the caller gets an error";
}

TEST_F(TopicsOnKafkaTest, LookingForThemCreatesNone) {
  for (int look = 0; look < 2; ++look) {
    EXPECT_THAT(std::string(CheckTopics(kafka_, topics_).message()),
                HasSubstr(absl::StrCat("missing: ", topics_.prefix, "raw, ")));
  }
}

TEST_F(TopicsOnKafkaTest, MoreCopiesThanBrokersIsRefusedWithTheNumberOfBoth) {
  topics_.replication_factor = 9;
  const auto created = CreateTopics(kafka_, topics_);
  EXPECT_EQ(created.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(created.status().message()),
              AllOf(HasSubstr("topics.replication_factor is 9, the cluster has "),
                    HasSubstr("set topics.replication_factor: ")));
}

}  // namespace
}  // namespace picket::kafka
