#include "kafka/client_config.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace picket::kafka {
namespace {

std::string Get(rd_kafka_conf_t* conf, const char* name) {
  char value[256];
  size_t size = sizeof(value);
  return rd_kafka_conf_get(conf, name, value, &size) == RD_KAFKA_CONF_OK ? value : "?";
}

TEST(ClientConfigTest, NamesConsistOfPrefixStageInstanceAndWorker) {
  EXPECT_EQ(GroupId("o365.", "parser"), "picket-o365.parser");
  EXPECT_EQ(MemberName("o365.", "parser", "host1", 2), "picket-o365.parser-host1-2");
  EXPECT_EQ(MemberName("", "parser", "host1", 2), "picket-parser-host1-2");
}

TEST(ClientConfigTest, AMemberIsStaticAndCommitsNothingByItself) {
  const auto conf = GroupConsumerConf({}, "g", "m", absl::ZeroDuration());
  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_EQ(Get(conf->get(), "group.id"), "g");
  EXPECT_EQ(Get(conf->get(), "group.instance.id"), "m");
  EXPECT_EQ(Get(conf->get(), "partition.assignment.strategy"), "range");
  EXPECT_EQ(Get(conf->get(), "isolation.level"), "read_committed");
  EXPECT_EQ(Get(conf->get(), "enable.auto.commit"), "false");
  EXPECT_EQ(Get(conf->get(), "session.timeout.ms"), "10000");
  EXPECT_EQ(Get(conf->get(), "heartbeat.interval.ms"), "3000");
}

// A process learns from a heartbeat that another one has taken its name.
TEST(ClientConfigTest, HeartbeatsAreFrequentHoweverLongTheSessionIs) {
  for (const auto& [session, heartbeat] :
       {std::pair(absl::Seconds(1), "300"), std::pair(absl::Minutes(5), "3000")}) {
    KafkaConfig kafka;
    kafka.session_timeout = session;
    const auto conf = GroupConsumerConf(kafka, "g", "m", absl::ZeroDuration());
    ASSERT_TRUE(conf.ok()) << conf.status();
    EXPECT_EQ(Get(conf->get(), "heartbeat.interval.ms"), heartbeat) << session;
  }
}

TEST(ClientConfigTest, AMemberOfARollCallIsNotStaticAndNamesItsProcess) {
  KafkaConfig kafka;
  kafka.properties["client.id"] = "mine";
  kafka.session_timeout = absl::Minutes(5);
  const auto conf = RollCallConf(kafka, "g.names", "m", {.started_micros = 1, .nonce = 2});
  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_EQ(Get(conf->get(), "group.id"), "g.names");
  EXPECT_EQ(Get(conf->get(), "group.instance.id"), "?") << "not set";
  EXPECT_EQ(Get(conf->get(), "client.id"), "m-0000000000000001-0000000000000002");
  EXPECT_EQ(Get(conf->get(), "session.timeout.ms"), "60000");
  EXPECT_EQ(Get(conf->get(), "heartbeat.interval.ms"), "3000");
}

TEST(ClientConfigTest, AnOperatorMayChangeSizesButNotWhatExactnessDependsOn) {
  KafkaConfig kafka;
  kafka.properties["queued.max.messages.kbytes"] = "4096";
  const auto conf = GroupConsumerConf(kafka, "g", "m", absl::ZeroDuration());
  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_EQ(Get(conf->get(), "queued.max.messages.kbytes"), "4096");

  kafka.properties["isolation.level"] = "read_uncommitted";
  const auto refused = GroupConsumerConf(kafka, "g", "m", absl::ZeroDuration());
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << refused.status();
}

TEST(ClientConfigTest, MessagesNeverOutliveTheirTransaction) {
  KafkaConfig kafka;
  kafka.transaction_timeout = absl::Seconds(7);
  const auto conf = ProducerConf(kafka, "t");
  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_EQ(Get(conf->get(), "transactional.id"), "t");
  EXPECT_EQ(Get(conf->get(), "transaction.timeout.ms"), "7000");
  EXPECT_EQ(Get(conf->get(), "enable.idempotence"), "true");
}

}  // namespace
}  // namespace picket::kafka
