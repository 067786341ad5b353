// Tests on a real Kafka that the topics are created with the settings in the table Topics(), and
// that differences from this table are detected.

#include "kafka/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kafka/admin.h"
#include "kafka/config.h"
#include "tests/support/kafka/cluster_admin.h"

namespace picket::kafka {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

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

  // Returns the lines about the differences, or the error.
  std::vector<std::string> Lines() const {
    const auto differences = CheckTopics(kafka_, topics_);
    if (!differences.ok()) return {std::string(differences.status().message())};
    return DifferenceLines(*differences);
  }
  // Returns the topic's own settings as the broker reports them.
  std::map<std::string, std::string> OwnSettings(Topic topic) const {
    const auto cluster = DescribeTopics(kafka_, topics_, {{.topic = topic}});
    return cluster.ok() ? cluster->topics[0].own_settings : std::map<std::string, std::string>();
  }

  KafkaConfig kafka_;
  TopicsConfig topics_;
};

TEST_F(TopicsOnKafkaTest, AreCreatedWithEverySettingOfTheTable) {
  const auto created = CreateTopics(kafka_, topics_);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->made, SizeIs(kTopicCount));
  EXPECT_THAT(created->found, IsEmpty());
  EXPECT_THAT(created->differences, IsEmpty());
  EXPECT_THAT(Lines(), IsEmpty());

  const auto states = DescribeTopics(kafka_, topics_);
  ASSERT_TRUE(states.ok()) << states.status();
  for (const TopicState& state : states->topics) {
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

TEST_F(TopicsOnKafkaTest, AnotherCountOrAShorterRetentionIsReportedWithTheWayOut) {
  topics_.retention_ms["raw"] = "60000";
  ASSERT_TRUE(CreateTopics(kafka_, topics_).ok());
  EXPECT_THAT(Lines(), IsEmpty());

  topics_.retention_ms.clear();
  topics_.partitions = 4;
  EXPECT_THAT(Lines(),
              AllOf(Contains(HasSubstr(": 3 partitions instead of 4; ")),
                    Contains(HasSubstr(absl::StrCat(
                        topics_.prefix,
                        "raw: retention.ms is 60000, expected 604800000; run: kafka-configs.sh"))),
                    Not(Contains(HasSubstr("missing")))));
  const auto again = CreateTopics(kafka_, topics_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->made, IsEmpty());
  EXPECT_THAT(again->differences, SizeIs(kTopicCount)) << "existing topics stay unchanged";
}

TEST_F(TopicsOnKafkaTest, FixingSettingsKeepsTheSettingsOfOthersAndThePartitions) {
  topics_.retention_ms["raw"] = "60000";
  ASSERT_TRUE(CreateTopics(kafka_, topics_).ok());
  // These settings are two that FixTopics must keep, and two that it must correct.
  const auto before = OwnSettings(Topic::kRaw);
  std::map<std::string, std::string> tuned = before;
  tuned["segment.bytes"] = "33554432";
  tuned["file.delete.delay.ms"] = "12345";
  tuned["cleanup.policy"] = "compact";
  tuned["unclean.leader.election.enable"] = "true";
  ASSERT_TRUE(ReplaceTopicSettings(kafka_, TopicName(topics_.prefix, Topic::kRaw), tuned).ok());
  ASSERT_EQ(OwnSettings(Topic::kRaw), tuned);

  topics_.retention_ms.clear();
  std::vector<std::string> changes;
  const absl::Status status = FixTopics(kafka_, topics_, [&](const SettingChange& change) {
    changes.push_back(absl::StrCat(change.topic_name, " ", change.setting, " ", change.old_value,
                                   " ", change.new_value));
  });
  ASSERT_TRUE(status.ok()) << status;
  const std::string raw = TopicName(topics_.prefix, Topic::kRaw);
  EXPECT_THAT(changes, UnorderedElementsAre(
                           absl::StrCat(raw, " cleanup.policy compact delete"),
                           absl::StrCat(raw, " retention.ms 60000 604800000"),
                           absl::StrCat(raw, " unclean.leader.election.enable true false")));
  std::map<std::string, std::string> expected = tuned;
  expected["cleanup.policy"] = "delete";
  expected["retention.ms"] = "604800000";
  expected["unclean.leader.election.enable"] = "false";
  EXPECT_EQ(OwnSettings(Topic::kRaw), expected);
  EXPECT_THAT(Lines(), IsEmpty());
  changes.clear();
  ASSERT_TRUE(
      FixTopics(kafka_, topics_, [&](const SettingChange&) { changes.emplace_back(); }).ok());
  EXPECT_THAT(changes, IsEmpty()) << "a second call finds nothing to do";
}

TEST_F(TopicsOnKafkaTest, FewerCopiesThanConfiguredAndMoreInSyncCopiesThanCopiesAreReported) {
  ASSERT_TRUE(CreateTopics(kafka_, topics_).ok());
  auto settings = OwnSettings(Topic::kRaw);
  settings["min.insync.replicas"] = "2";
  ASSERT_TRUE(ReplaceTopicSettings(kafka_, TopicName(topics_.prefix, Topic::kRaw), settings).ok());
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("it accepts no message")));
  topics_.replication_factor = 3;
  EXPECT_THAT(Lines(), Contains(HasSubstr(": 1 copy instead of 3; run: picket topics check")));
}

TEST_F(TopicsOnKafkaTest, LookingForThemCreatesNone) {
  for (int look = 0; look < 2; ++look) {
    EXPECT_THAT(Lines(), ElementsAre(AllOf(HasSubstr(absl::StrCat(topics_.prefix, "raw, ")),
                                           HasSubstr(": missing; "))));
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
