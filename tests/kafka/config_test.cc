#include "kafka/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/config.h"
#include "common/file.h"

namespace picket::kafka {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Config {
  KafkaConfig kafka;
  TopicsConfig topics;
};

std::vector<std::string> Read(const std::string& text, Config& config,
                              const std::string& path = "picket.yaml") {
  return ReadConfig(path, text, [&](ConfigVisitor& visitor) {
    visitor.Section("kafka", "", [&](ConfigVisitor& v) { Describe(v, config.kafka); });
    visitor.Section("topics", "", [&](ConfigVisitor& v) { Describe(v, config.topics); });
  });
}

TEST(KafkaConfigTest, AnEmptyFileGivesAWorkingConfigurationNamedAfterTheHost) {
  Config config;
  EXPECT_THAT(Read("", config), IsEmpty());
  EXPECT_NE(config.kafka.instance, "");
  EXPECT_EQ(config.topics.partitions, 24);
}

TEST(KafkaConfigTest, PassesOnTlsAndSasl) {
  Config config;
  EXPECT_THAT(Read("kafka:\n"
                   "  bootstrap_servers: a.example:9093, b.example:9093\n"
                   "  properties:\n"
                   "    security.protocol: sasl_ssl\n"
                   "    sasl.mechanism: SCRAM-SHA-512\n"
                   "    sasl.username: picket\n",
                   config),
              IsEmpty());
  const auto properties = ClientProperties(config.kafka);
  ASSERT_TRUE(properties.ok());
  EXPECT_EQ(properties->at("security.protocol"), "sasl_ssl");
  EXPECT_EQ(properties->at("bootstrap.servers"), "a.example:9093, b.example:9093");
}

TEST(KafkaConfigTest, RefusesEveryPropertyThatExactlyOnceDependsOnAndReportsWhy) {
  for (const char* name :
       {"transactional.id", "isolation.level", "enable.auto.commit", "enable.auto.offset.store",
        "enable.idempotence", "partitioner", "group.id", "group.instance.id", "auto.offset.reset",
        "partition.assignment.strategy", "acks", "bootstrap.servers", "sasl.password"}) {
    EXPECT_GT(RefusalOfProperty(name).size(), 20u) << name;
    Config config;
    EXPECT_THAT(Read(absl::StrCat("kafka:\n  properties:\n    ", name, ": x\n"), config),
                ElementsAre(AllOf(HasSubstr(absl::StrCat("picket.yaml:3: kafka.properties.", name)),
                                  HasSubstr("not allowed: "))));
  }
  EXPECT_EQ(RefusalOfProperty("security.protocol"), "");
}

TEST(KafkaConfigTest, ReportsEveryFaultWithItsLine) {
  Config config;
  EXPECT_THAT(Read("kafka:\n"
                   "  bootstrap_servers: broker-without-port\n"
                   "  instance: a name\n"
                   "  properties:\n"
                   "    fetch.wait.max.millis: 5\n"
                   "    security.protocol: ssh\n"
                   "topics:\n"
                   "  partitions: 0\n"
                   "  retention_ms: {ledger: 5, row: 5, raw: week}\n",
                   config),
              ElementsAre(AllOf(HasSubstr("picket.yaml:2: "), HasSubstr("expected host:port")),
                          AllOf(HasSubstr("picket.yaml:3: "), HasSubstr("letters, digits")),
                          AllOf(HasSubstr("picket.yaml:5: "), HasSubstr("No such")),
                          AllOf(HasSubstr("picket.yaml:6: "), HasSubstr("security.protocol")),
                          AllOf(HasSubstr("picket.yaml:8: "), HasSubstr("1 to 10000")),
                          AllOf(HasSubstr("topics.retention_ms.ledger"), HasSubstr("compacted")),
                          AllOf(HasSubstr("topics.retention_ms.row"), HasSubstr("no such topic")),
                          AllOf(HasSubstr("topics.retention_ms.raw"), HasSubstr("milliseconds"))));
}

TEST(KafkaConfigTest, ReadsSecretsFromTheirFilesWithoutTheLineFeed) {
  const std::string folder = testing::TempDir();
  ASSERT_TRUE(WriteFile(absl::StrCat(folder, "/kafka-password"), "s3cret\n").ok());
  Config config;
  EXPECT_THAT(Read("kafka:\n  sasl_password_file: kafka-password\n", config,
                   absl::StrCat(folder, "/picket.yaml")),
              IsEmpty());
  const auto properties = ClientProperties(config.kafka);
  ASSERT_TRUE(properties.ok()) << properties.status();
  EXPECT_EQ(properties->at("sasl.password"), "s3cret");
}

TEST(KafkaConfigTest, AMissingSecretFileIsReportedWithItsOption) {
  KafkaConfig config;
  config.sasl_password_file = "no/such/file";
  const auto properties = ClientProperties(config);
  ASSERT_FALSE(properties.ok());
  EXPECT_THAT(std::string(properties.status().message()),
              AllOf(HasSubstr("kafka.sasl_password_file"), HasSubstr("no/such/file")));
}

}  // namespace
}  // namespace picket::kafka
