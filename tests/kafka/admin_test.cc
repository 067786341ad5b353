#include "kafka/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kafka/embedded_broker.h"

namespace picket::kafka {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

// Returns the states of topics as `CreateTopics` creates them.
std::vector<TopicState> GoodStates(const TopicsConfig& topics) {
  std::vector<TopicState> states;
  for (const TopicSpec& spec : Topics()) {
    states.push_back({spec.topic, TopicName(topics.prefix, spec.topic), true,
                      spec.single_partition ? 1 : static_cast<int>(topics.partitions), 3,
                      spec.settings});
  }
  return states;
}

TopicState& StateOf(std::vector<TopicState>& states, Topic topic) {
  return states[static_cast<size_t>(topic)];
}

TEST(TopicFaultsTest, FindsNothingWrongWithTopicsAsTheTableDescribesThem) {
  const TopicsConfig topics;
  EXPECT_THAT(TopicFaults(GoodStates(topics), KafkaConfig(), topics), IsEmpty());
}

TEST(TopicFaultsTest, NamesAllMissingTopicsAndTheCommandThatCreatesThem) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).exists = false;
  StateOf(states, Topic::kSeen).exists = false;
  EXPECT_THAT(TopicFaults(states, KafkaConfig(), topics),
              ElementsAre("missing: o365.raw, o365.seen; run `picket topics create`"));
}

TEST(TopicFaultsTest, ForAnotherPartitionCountItNamesTheTopicsBothCountsAndTheSolutions) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kEvents).partitions = 12;
  StateOf(states, Topic::kAlerts).partitions = 12;
  StateOf(states, Topic::kRules).partitions = 24;
  EXPECT_THAT(TopicFaults(states, KafkaConfig(), topics),
              ElementsAre(AllOf(HasSubstr("12 partitions instead of 24: o365.events, o365.alerts;"),
                                HasSubstr("topics.partitions: 12"), HasSubstr("new topics.prefix")),
                          HasSubstr("24 partitions instead of 1: o365.rules; delete")));
}

TEST(TopicFaultsTest, ForALedgerThatIsNotCompactedItNamesTheCommandThatCorrectsIt) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kLedger).settings["cleanup.policy"] = "delete";
  StateOf(states, Topic::kCoverage).settings["cleanup.policy"] = "compact";
  EXPECT_THAT(
      TopicFaults(states, KafkaConfig(), topics),
      ElementsAre(AllOf(HasSubstr("o365.ledger: cleanup.policy is delete, expected compact; "),
                        HasSubstr("--entity-name o365.ledger --add-config cleanup.policy=compact")),
                  HasSubstr("--add-config 'cleanup.policy=[compact,delete]'")));
}

TEST(TopicFaultsTest, TheOrderOfAPolicyDoesNotMatter) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kCoverage).settings["cleanup.policy"] = "delete,compact";
  EXPECT_THAT(TopicFaults(states, KafkaConfig(), topics), IsEmpty());
}

TEST(TopicFaultsTest, ShorterRetentionAndSmallerMessagesAreFaultsButNotLongerAndLargerOnes) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).settings["retention.ms"] = "3600000";
  StateOf(states, Topic::kEvents).settings["retention.ms"] = "-1";
  StateOf(states, Topic::kAlerts).settings["max.message.bytes"] = "1048588";
  StateOf(states, Topic::kSeen).settings["max.message.bytes"] = "99999999";
  EXPECT_THAT(TopicFaults(states, KafkaConfig(), topics),
              ElementsAre(AllOf(HasSubstr("o365.raw: retention.ms is 3600000, expected 604800000"),
                                HasSubstr("topics.retention_ms.raw: 3600000")),
                          AllOf(HasSubstr("o365.alerts: max.message.bytes is 1048588"),
                                HasSubstr("max.message.bytes=8388608"))));
}

TEST(TopicFaultsTest, ExpectsTheConfiguredRetention) {
  TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).settings["retention.ms"] = "3600000";
  topics.retention_ms["raw"] = "3600000";
  EXPECT_THAT(TopicFaults(states, KafkaConfig(), topics), IsEmpty());
  topics.retention_ms["raw"] = "-1";
  EXPECT_THAT(TopicFaults(states, KafkaConfig(), topics),
              ElementsAre(HasSubstr("retention.ms is 3600000, expected -1")));
}

TEST(EmbeddedBrokerTest, HasAllTopicsWithTheirPartitions) {
  const TopicsConfig topics = EmbeddedBroker::SmallTopics();
  const auto broker = EmbeddedBroker::Start(topics);
  ASSERT_TRUE(broker.ok()) << broker.status();
  EXPECT_EQ(CheckTopics((*broker)->ClientConfig(), topics), absl::OkStatus());
  const auto states = DescribeTopics((*broker)->ClientConfig(), topics);
  ASSERT_TRUE(states.ok()) << states.status();
  for (const TopicState& state : *states) {
    EXPECT_TRUE(state.exists) << state.name;
    EXPECT_EQ(state.partitions, state.topic == Topic::kRules ? 1 : 4) << state.name;
  }
}

TEST(EmbeddedBrokerTest, TwoRunSideBySide) {
  const TopicsConfig topics = EmbeddedBroker::SmallTopics();
  TopicsConfig others = topics;
  others.prefix = "other.";
  const auto first = EmbeddedBroker::Start(topics);
  const auto second = EmbeddedBroker::Start(others);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE((*first)->bootstrap_servers(), (*second)->bootstrap_servers());
  EXPECT_EQ(CheckTopics((*first)->ClientConfig(), topics), absl::OkStatus());
  EXPECT_EQ(CheckTopics((*second)->ClientConfig(), others), absl::OkStatus());
}

TEST(CheckTopicsTest, RefusesAPartitionCountOtherThanTheConfiguredOne) {
  TopicsConfig topics = EmbeddedBroker::SmallTopics();
  const auto broker = EmbeddedBroker::Start(topics);
  ASSERT_TRUE(broker.ok()) << broker.status();
  topics.partitions = 5;
  const absl::Status status = CheckTopics((*broker)->ClientConfig(), topics);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("4 partitions instead of 5: o365.raw, "));
}

TEST(CheckTopicsTest, TheCheckDoesNotCreateMissingTopics) {
  const auto broker = EmbeddedBroker::Start(EmbeddedBroker::SmallTopics());
  ASSERT_TRUE(broker.ok()) << broker.status();
  TopicsConfig others = EmbeddedBroker::SmallTopics();
  others.prefix = "nobody.";
  for (int look = 0; look < 2; ++look) {
    const absl::Status status = CheckTopics((*broker)->ClientConfig(), others);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(MessageOf(status),
                AllOf(HasSubstr("missing: nobody.raw, "), HasSubstr("run `picket topics create`")));
  }
}

TEST(CheckTopicsTest, ForABrokerThatDoesNotAnswerItNamesTheCauseAndWhatToCheck) {
  // Finds a port on which nobody listens. The socket is only bound to the port, so that no other
  // process can use the port in the meantime.
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size), 0);

  KafkaConfig kafka;
  kafka.bootstrap_servers = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  const absl::Status status = CheckTopics(kafka, TopicsConfig(), absl::Milliseconds(300));
  close(socket_fd);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status),
              AllOf(HasSubstr(absl::StrCat("no broker answers at ", kafka.bootstrap_servers)),
                    HasSubstr("Connection refused"), HasSubstr("kafka.bootstrap_servers")));
}

TEST(CreateTopicsTest, RefusesAnEmbeddedBroker) {
  KafkaConfig kafka;
  kafka.is_embedded = true;
  EXPECT_EQ(CreateTopics(kafka, TopicsConfig()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace picket::kafka
