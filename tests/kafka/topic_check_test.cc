#include "kafka/topic_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace picket::kafka {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Returns the states of topics as `CreateTopics` creates them.
std::vector<TopicState> GoodStates(const TopicsConfig& topics) {
  std::vector<TopicState> states;
  for (const TopicSpec& spec : Topics()) {
    TopicState& state = states.emplace_back();
    state.topic = spec.topic;
    state.name = TopicName(topics.prefix, spec.topic);
    state.exists = true;
    state.partitions = WantedPartitions(spec, topics);
    state.replication_factor = static_cast<int>(topics.replication_factor);
    state.settings = WantedSettings(spec, topics);
  }
  return states;
}

TopicState& StateOf(std::vector<TopicState>& states, Topic topic) {
  return states[static_cast<size_t>(topic)];
}

std::vector<TopicDifference> Compare(const std::vector<TopicState>& states,
                                     const TopicsConfig& topics) {
  return CompareTopics(states, AllTopicUses(), KafkaConfig(), topics);
}

std::vector<std::string> Lines(const std::vector<TopicState>& states, const TopicsConfig& topics) {
  return DifferenceLines(Compare(states, topics));
}

TEST(CompareTopicsTest, FindsNoDifferenceForTopicsAsTheTableDescribesThem) {
  const TopicsConfig topics;
  EXPECT_THAT(Lines(GoodStates(topics), topics), IsEmpty());
}

TEST(CompareTopicsTest, NamesAllMissingTopicsAndTheCommandThatCreatesThem) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).exists = false;
  StateOf(states, Topic::kSeen).exists = false;
  EXPECT_THAT(Lines(states, topics),
              ElementsAre("o365.raw, o365.seen: missing; run `picket topics create`"));
  EXPECT_EQ(Compare(states, topics)[0].severity, Severity::kBlocks);
  EXPECT_FALSE(Compare(states, topics)[0].hides_settings);
}

TEST(CompareTopicsTest, ATopicThatOurUserMayNotDescribeIsMissingOrHidden) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).exists = false;
  StateOf(states, Topic::kRaw).is_hidden = true;
  EXPECT_THAT(Lines(states, topics), ElementsAre(AllOf(HasSubstr("missing or hidden by ACLs"),
                                                       HasSubstr("picket topics acls"))));
  EXPECT_TRUE(Compare(states, topics)[0].hides_settings);
}

TEST(CompareTopicsTest, ForAnotherPartitionCountItNamesTheTopicsBothCountsAndTheSolutions) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kEvents).partitions = 12;
  StateOf(states, Topic::kAlerts).partitions = 12;
  StateOf(states, Topic::kRules).partitions = 24;
  EXPECT_THAT(
      Lines(states, topics),
      ElementsAre(AllOf(HasSubstr("o365.events, o365.alerts: 12 partitions instead of 24;"),
                        HasSubstr("topics.partitions: 12"), HasSubstr("new topics.prefix")),
                  AllOf(HasSubstr("o365.rules: 24 partitions instead of 1;"),
                        HasSubstr("kafka-topics.sh --bootstrap-server 127.0.0.1:9092 --delete "
                                  "--topic o365.rules && picket topics create"))));
  for (const TopicDifference& difference : Compare(states, topics)) {
    EXPECT_EQ(difference.severity, Severity::kFatal) << difference.ToString();
  }
}

TEST(CompareTopicsTest, AnotherCleanupPolicyIsFatalForTopicsWithStateOnly) {
  const TopicsConfig topics;
  for (const TopicSpec& spec : Topics()) {
    auto states = GoodStates(topics);
    StateOf(states, spec.topic).settings["cleanup.policy"] = "compact,delete";
    if (spec.topic == Topic::kCoverage) {
      StateOf(states, spec.topic).settings["cleanup.policy"] = "compact";
    }
    const auto differences = Compare(states, topics);
    ASSERT_THAT(differences, SizeIs(1)) << spec.name;
    const bool has_state =
        spec.topic == Topic::kLedger || spec.topic == Topic::kSeen || spec.topic == Topic::kState;
    EXPECT_EQ(differences[0].severity, has_state ? Severity::kFatal : Severity::kWarning)
        << spec.name;
  }
}

TEST(CompareTopicsTest, ForAnotherCleanupPolicyItNamesTheCommandThatCorrectsIt) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kLedger).settings["cleanup.policy"] = "delete";
  StateOf(states, Topic::kCoverage).settings["cleanup.policy"] = "compact";
  EXPECT_THAT(
      Lines(states, topics),
      ElementsAre(AllOf(HasSubstr("o365.ledger: cleanup.policy is delete, expected compact; "),
                        HasSubstr("--entity-name o365.ledger --add-config cleanup.policy=compact")),
                  HasSubstr("--add-config 'cleanup.policy=[compact,delete]'")));
}

TEST(CompareTopicsTest, TheOrderOfAPolicyDoesNotMatter) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kCoverage).settings["cleanup.policy"] = "delete,compact";
  EXPECT_THAT(Lines(states, topics), IsEmpty());
}

TEST(CompareTopicsTest, ShorterRetentionAndSmallerMessagesAreWarnings) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).settings["retention.ms"] = "3600000";
  StateOf(states, Topic::kEvents).settings["retention.ms"] = "-1";
  StateOf(states, Topic::kAlerts).settings["max.message.bytes"] = "1048588";
  StateOf(states, Topic::kSeen).settings["max.message.bytes"] = "99999999";
  EXPECT_THAT(Lines(states, topics),
              ElementsAre(AllOf(HasSubstr("o365.raw: retention.ms is 3600000, expected 604800000"),
                                HasSubstr("topics.retention_ms.raw: 3600000")),
                          AllOf(HasSubstr("o365.alerts: max.message.bytes is 1048588"),
                                HasSubstr("max.message.bytes=8388608"))));
  for (const TopicDifference& difference : Compare(states, topics)) {
    EXPECT_EQ(difference.severity, Severity::kWarning) << difference.ToString();
    EXPECT_TRUE(difference.is_setting) << difference.ToString();
  }
}

TEST(CompareTopicsTest, ExpectsTheConfiguredRetention) {
  TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).settings["retention.ms"] = "3600000";
  topics.retention_ms["raw"] = "3600000";
  EXPECT_THAT(Lines(states, topics), IsEmpty());
  topics.retention_ms["raw"] = "-1";
  EXPECT_THAT(Lines(states, topics), ElementsAre(HasSubstr("is 3600000, expected -1")));
}

TEST(CompareTopicsTest, TooFewCopiesAreAWarningWithTheCommandsThatAddCopies) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).replication_factor = 1;
  StateOf(states, Topic::kRaw).settings["min.insync.replicas"] = "1";
  const auto differences = Compare(states, topics);
  ASSERT_THAT(differences, SizeIs(1)) << "two in-sync copies are not possible yet";
  EXPECT_EQ(differences[0].severity, Severity::kWarning);
  EXPECT_FALSE(differences[0].is_setting);
  EXPECT_THAT(differences[0].ToString(),
              AllOf(HasSubstr("o365.raw: 1 copy instead of 3"),
                    HasSubstr("picket topics check --copies-plan copies.json"),
                    HasSubstr("kafka-reassign-partitions.sh")));
}

TEST(CompareTopicsTest, OneInSyncCopyAndUncleanElectionAreWarnings) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).settings["min.insync.replicas"] = "1";
  StateOf(states, Topic::kRaw).settings["unclean.leader.election.enable"] = "true";
  EXPECT_THAT(
      Lines(states, topics),
      ElementsAre(AllOf(HasSubstr("min.insync.replicas is 1, expected 2"),
                        HasSubstr("--entity-name o365.raw --add-config min.insync.replicas=2")),
                  AllOf(HasSubstr("unclean.leader.election.enable is true, expected false"),
                        HasSubstr("--add-config unclean.leader.election.enable=false"))));
}

TEST(CompareTopicsTest, MoreInSyncCopiesThanCopiesBlock) {
  TopicsConfig topics;
  topics.replication_factor = 1;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).settings["min.insync.replicas"] = "2";
  const auto differences = Compare(states, topics);
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_EQ(differences[0].severity, Severity::kBlocks);
  EXPECT_THAT(differences[0].ToString(),
              AllOf(HasSubstr("accepts no message"), HasSubstr("min.insync.replicas=1")));
}

TEST(CompareTopicsTest, SettingsThatCannotBeReadBlockTheStartOnlyOfAStageWithThisState) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  for (const Topic topic : {Topic::kAlerts, Topic::kState}) {
    StateOf(states, topic).settings.clear();
    StateOf(states, topic).settings_error = "the settings cannot be read";
  }
  const auto differences = Compare(states, topics);
  ASSERT_THAT(differences, SizeIs(2));
  for (const TopicDifference& difference : differences) {
    EXPECT_EQ(difference.severity, Severity::kWarning);
    EXPECT_EQ(difference.setting, "settings");
    EXPECT_EQ(difference.blocks_start, difference.topic == Topic::kState);
    EXPECT_TRUE(difference.hides_settings);
    EXPECT_THAT(difference.repair, HasSubstr("DescribeConfigs"));
  }
}

TEST(CompareTopicsTest, AServiceSeesOnlyTheTopicsThatItUses) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  for (TopicState& state : states) {
    const bool is_of_detector = state.topic == Topic::kEvents || state.topic == Topic::kState ||
                                state.topic == Topic::kAlerts || state.topic == Topic::kCoverage ||
                                state.topic == Topic::kDeadLetters;
    if (!is_of_detector) state.exists = false;
  }
  EXPECT_THAT(CompareTopics(states, UsesOf("detect", {}), KafkaConfig(), topics), IsEmpty());
  EXPECT_THAT(
      CompareTopics(states, UsesOf("detect", {UseCondition::kRulesTopic}), KafkaConfig(), topics),
      SizeIs(1));
  EXPECT_THAT(CompareTopics(states, UsesOf("parse", {}), KafkaConfig(), topics), SizeIs(2));
}

TEST(CompareTopicsTest, WithoutTheTopicOfRulesADetectorGoesOnWithTheRulesThatItHas) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRules).exists = false;
  const auto differences =
      CompareTopics(states, UsesOf("detect", {UseCondition::kRulesTopic}), KafkaConfig(), topics);
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_EQ(differences[0].severity, Severity::kWarning);
}

TEST(CompareTopicsTest, CommandsForASecuredClusterNameAFileOfItsProperties) {
  const TopicsConfig topics;
  auto states = GoodStates(topics);
  StateOf(states, Topic::kRaw).settings["retention.ms"] = "1";
  KafkaConfig kafka;
  kafka.properties["security.protocol"] = "sasl_ssl";
  const auto differences = CompareTopics(states, AllTopicUses(), kafka, topics);
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_THAT(differences[0].repair,
              HasSubstr("--bootstrap-server 127.0.0.1:9092 --command-config CLIENT.PROPERTIES"));
}

TEST(ReassignmentPlanTest, KeepsTheCopiesThatExistAndDistributesTheNewOnes) {
  TopicState raw;
  raw.topic = Topic::kRaw;
  raw.name = "o365.raw";
  raw.exists = true;
  raw.replication_factor = 1;
  raw.replicas = {{1}, {2}, {3}};
  TopicState events = raw;
  events.name = "o365.events";
  events.replication_factor = 2;
  events.replicas = {{2, 1}};
  EXPECT_EQ(ReassignmentPlan({raw, events}, {1, 2, 3}, 2),
            "{\"version\":1,\"partitions\":["
            "{\"topic\":\"o365.raw\",\"partition\":0,\"replicas\":[1,2]},"
            "{\"topic\":\"o365.raw\",\"partition\":1,\"replicas\":[2,3]},"
            "{\"topic\":\"o365.raw\",\"partition\":2,\"replicas\":[3,1]}]}");
  EXPECT_EQ(ReassignmentPlan({events}, {1, 2, 3}, 2), "") << "nothing to do";
  EXPECT_EQ(ReassignmentPlan({raw}, {1, 2, 3}, 4), "") << "too few brokers";
}

}  // namespace
}  // namespace picket::kafka
