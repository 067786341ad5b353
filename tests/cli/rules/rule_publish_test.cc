// Tests `picket rules publish` with a broker that is not ready immediately.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kafka/embedded_broker.h"
#include "tests/cli/command.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int16_t kListOffsets = 2;  // number of the request ListOffsets in Kafka's protocol

class RulePublishTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto broker = kafka::EmbeddedBroker::Start(kafka::EmbeddedBroker::SmallTopics());
    ASSERT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
    folder_.Write(
        "picket.yaml",
        absl::StrCat("kafka:\n  bootstrap_servers: ", broker_->bootstrap_servers(), "\n"));
    folder_.Write("rule.yml",
                  "title: A\nid: a\nlogsource: {product: m365}\n"
                  "detection: {s: {Operation: Login}, condition: s}\n");
  }

  CommandResult Publish() {
    return RunPicket(
        {"rules", "publish", "--config", folder_.Path("picket.yaml"), folder_.Path("rule.yml")});
  }

  TempFolder folder_;
  std::unique_ptr<kafka::EmbeddedBroker> broker_;
};

TEST_F(RulePublishTest, PublishingWaitsForATopicWithoutALeader) {
  // The Kafka client retries the request itself, but fewer than eight times. After eight failures,
  // the request succeeds only if the command retries as well.
  broker_->FailRequests(kListOffsets, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 8);
  const CommandResult waited = Publish();
  EXPECT_EQ(waited.exit_status, 0) << waited.err;
  EXPECT_THAT(waited.err, HasSubstr("Not leader for partition; trying again for up to 30s"));
  EXPECT_THAT(waited.err, HasSubstr("1 added, 0 changed, 0 removed, 0 unchanged"));

  const CommandResult again = Publish();
  EXPECT_EQ(again.exit_status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("0 added, 0 changed, 0 removed, 1 unchanged"));
  EXPECT_THAT(again.err, Not(HasSubstr("trying again")));
}

TEST_F(RulePublishTest, PublishingGivesUpOnAClusterThatIsNeverReady) {
  broker_->FailRequests(kListOffsets, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 10000);
  const CommandResult given_up = Publish();
  EXPECT_EQ(given_up.exit_status, 2);
  EXPECT_THAT(given_up.err, HasSubstr("nothing is published: end of o365.rules 0"));
  EXPECT_THAT(given_up.err, HasSubstr("for 30s"));
}

TEST_F(RulePublishTest, AnErrorThatWaitingCannotCorrectIsNotRetried) {
  broker_->FailRequests(kListOffsets, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 100);
  const CommandResult refused = Publish();
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.err, HasSubstr("Topic authorization failed"));
  EXPECT_THAT(refused.err, Not(HasSubstr("trying again")));
}

}  // namespace
}  // namespace picket
