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

// Returns the lines about the differences, or the error.
std::vector<std::string> LinesOf(const KafkaConfig& kafka, const TopicsConfig& topics) {
  const auto differences = CheckTopics(kafka, topics);
  if (!differences.ok()) return {std::string(differences.status().message())};
  return DifferenceLines(*differences);
}

TEST(EmbeddedBrokerTest, HasAllTopicsWithTheirPartitions) {
  const TopicsConfig topics = EmbeddedBroker::SmallTopics();
  const auto broker = EmbeddedBroker::Start(topics);
  ASSERT_TRUE(broker.ok()) << broker.status();
  EXPECT_THAT(LinesOf((*broker)->ClientConfig(), topics), IsEmpty());
  const auto states = DescribeTopics((*broker)->ClientConfig(), topics);
  ASSERT_TRUE(states.ok()) << states.status();
  for (const TopicState& state : states->topics) {
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
  EXPECT_THAT(LinesOf((*first)->ClientConfig(), topics), IsEmpty());
  EXPECT_THAT(LinesOf((*second)->ClientConfig(), others), IsEmpty());
}

// While leaders change or a topic is created, a broker's answer about a topic is an error without
// partitions. It does not mean that the topic has no partitions.
TEST(CheckTopicsTest, AnErrorOfOneTopicIsRetryableAndNotAnotherPartitionCount) {
  const TopicsConfig topics = EmbeddedBroker::SmallTopics();
  const auto broker = EmbeddedBroker::Start(topics);
  ASSERT_TRUE(broker.ok()) << broker.status();
  constexpr int16_t kUnknownServerError = -1;
  constexpr int16_t kLeaderNotAvailable = 5;
  constexpr int16_t kReplicaNotAvailable = 9;
  for (const int16_t error : {kUnknownServerError, kLeaderNotAvailable, kReplicaNotAvailable}) {
    (*broker)->SetTopicError("o365.raw", error);
    const auto differences =
        CheckTopics((*broker)->ClientConfig(), topics, AllTopicUses(), absl::Milliseconds(300));
    EXPECT_TRUE(absl::IsUnavailable(differences.status())) << error << " " << differences.status();
    EXPECT_THAT(MessageOf(differences.status()), HasSubstr("describe topic o365.raw: "));
  }
  constexpr int16_t kUnknownTopic = 3;
  (*broker)->SetTopicError("o365.raw", kUnknownTopic);
  EXPECT_THAT(LinesOf((*broker)->ClientConfig(), topics),
              ElementsAre("o365.raw: missing; run `picket topics create`"));
  (*broker)->SetTopicError("o365.raw", 0);
  EXPECT_THAT(LinesOf((*broker)->ClientConfig(), topics), IsEmpty());
}

TEST(CheckTopicsTest, FindsAPartitionCountOtherThanTheConfiguredOne) {
  TopicsConfig topics = EmbeddedBroker::SmallTopics();
  const auto broker = EmbeddedBroker::Start(topics);
  ASSERT_TRUE(broker.ok()) << broker.status();
  topics.partitions = 5;
  EXPECT_THAT(LinesOf((*broker)->ClientConfig(), topics),
              ElementsAre(AllOf(HasSubstr("o365.raw, o365.events, "),
                                HasSubstr(": 4 partitions instead of 5;"))));
}

TEST(CheckTopicsTest, TheCheckDoesNotCreateMissingTopics) {
  const auto broker = EmbeddedBroker::Start(EmbeddedBroker::SmallTopics());
  ASSERT_TRUE(broker.ok()) << broker.status();
  TopicsConfig others = EmbeddedBroker::SmallTopics();
  others.prefix = "nobody.";
  for (int look = 0; look < 2; ++look) {
    EXPECT_THAT(LinesOf((*broker)->ClientConfig(), others),
                ElementsAre(AllOf(HasSubstr("nobody.raw, "), HasSubstr(": missing; "),
                                  HasSubstr("run `picket topics create`"))));
  }
}

TEST(CheckTopicsTest, LooksOnlyAtTheTopicsInUse) {
  const auto broker = EmbeddedBroker::Start(EmbeddedBroker::SmallTopics());
  ASSERT_TRUE(broker.ok()) << broker.status();
  TopicsConfig others = EmbeddedBroker::SmallTopics();
  others.prefix = "nobody.";
  const auto differences =
      CheckTopics((*broker)->ClientConfig(), others, UsesOf("rules publish", {}));
  ASSERT_TRUE(differences.ok()) << differences.status();
  EXPECT_THAT(DifferenceLines(*differences),
              ElementsAre("nobody.rules: missing; run `picket topics create`"));
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
  const absl::Status status =
      CheckTopics(kafka, TopicsConfig(), AllTopicUses(), absl::Milliseconds(300)).status();
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
