#include "kafka/worker/topic_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "kafka/worker/workers.h"
#include "tests/kafka/worker/fake_clients.h"

namespace picket::kafka {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Clients whose check of the topics finds what the test says. Everything else fails.
class CheckingClients final : public KafkaClients {
 public:
  absl::StatusOr<std::vector<TopicDifference>> CheckTopics(const std::vector<TopicUse>& uses,
                                                           absl::Duration) override {
    ++checks;
    last_uses = uses;
    if (on_check) on_check();
    if (!error.ok()) return error;
    return differences;
  }
  absl::StatusOr<std::unique_ptr<InputConsumer>> MakeConsumer(const MemberSpec&,
                                                              InputConsumer::Listener*) override {
    return absl::InternalError("the test reached the workers");
  }
  absl::StatusOr<std::unique_ptr<BatchProducer>> MakeProducer(const std::string&,
                                                              const std::vector<Topic>&) override {
    return absl::InternalError("no producer");
  }
  absl::StatusOr<std::unique_ptr<ChangelogSource>> MakeChangelogSource(Topic) override {
    return absl::InternalError("no changelog");
  }
  absl::StatusOr<std::unique_ptr<UncommittedRanges>> MakeUncommittedRanges(
      const std::string&) override {
    return absl::InternalError("no ranges");
  }
  absl::StatusOr<std::unique_ptr<RollCall>> MakeRollCall(const RollCallSpec&) override {
    return absl::InternalError("no observer");
  }

  int checks = 0;
  std::function<void()> on_check;
  std::vector<TopicUse> last_uses;
  std::vector<TopicDifference> differences;
  absl::Status error;
};

TopicDifference Difference(std::string setting, Severity severity, std::string what) {
  TopicDifference difference;
  difference.topic = Topic::kRaw;
  difference.topic_name = "o365.raw";
  difference.setting = std::move(setting);
  difference.severity = severity;
  difference.what = std::move(what);
  difference.repair = "repair it";
  return difference;
}

class TopicWatchTest : public testing::Test {
 protected:
  absl::Status Check() { return watch_.Check(absl::Seconds(1)); }
  double Value(const std::string& setting) {
    return metrics_
        .GetGauge("picket_topic_differences", {{"topic", "o365.raw"}, {"setting", setting}})
        .Value();
  }

  CheckingClients clients_;
  Metrics metrics_;
  TopicWatch watch_{clients_, UsesOf("parse", {}), "k:9092", metrics_};
};

TEST_F(TopicWatchTest, AShorterRetentionIsAMetricAndStopsNothing) {
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_TRUE(watch_.MayStart());
  clients_.differences = {Difference("retention.ms", Severity::kWarning, "retention.ms is 1")};
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_TRUE(watch_.MayStart());
  EXPECT_EQ(watch_.WhyNotReady(), "");
  EXPECT_EQ(Value("retention.ms"), 1);
  clients_.differences.clear();
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_EQ(Value("retention.ms"), 0);
}

TEST_F(TopicWatchTest, ADifferenceIsLoggedOnceAndAgainOnlyWhenItChanges) {
  clients_.differences = {Difference("retention.ms", Severity::kWarning, "retention.ms is 1")};
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Check(), absl::OkStatus());
  clients_.differences[0].what = "retention.ms is 2";
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Check(), absl::OkStatus());
  clients_.differences.clear();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Check(), absl::OkStatus());
  const std::string log = testing::internal::GetCapturedStderr();
  size_t lines = 0;
  for (size_t at = log.find("topic_difference"); at != std::string::npos;
       at = log.find("topic_difference", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 1u) << log;
  EXPECT_THAT(log, AllOf(HasSubstr("retention.ms is 1"), HasSubstr("retention.ms is 2"),
                         HasSubstr("repair it")));
  EXPECT_EQ(log.find("retention.ms is 1"), log.rfind("retention.ms is 1")) << log;
}

TEST_F(TopicWatchTest, AMissingTopicIsNotReadyUntilItExists) {
  EXPECT_EQ(Check(), absl::OkStatus());
  clients_.differences = {Difference("existence", Severity::kBlocks, "missing")};
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_EQ(watch_.WhyNotReady(), "o365.raw: missing; repair it");
  EXPECT_FALSE(watch_.MayStart());
  clients_.error = absl::UnavailableError("no broker");
  EXPECT_FALSE(Check().ok());
  EXPECT_NE(watch_.WhyNotReady(), "") << "a check that was not possible changes nothing";
  clients_.error = absl::OkStatus();
  clients_.differences.clear();
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_EQ(watch_.WhyNotReady(), "");
}

TEST_F(TopicWatchTest, UnknownSettingsOfTheStateDelayOnlyTheStart) {
  clients_.differences = {Difference("settings", Severity::kWarning, "cannot be read")};
  clients_.differences[0].blocks_start = true;
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_FALSE(watch_.MayStart());
  EXPECT_THAT(watch_.WhyNotReady(), HasSubstr("cannot be read"));
  const std::vector<TopicDifference> unknown = std::exchange(clients_.differences, {});
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_TRUE(watch_.MayStart());
  clients_.differences = unknown;
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_EQ(watch_.WhyNotReady(), "") << "a running service goes on";
  EXPECT_EQ(Value("settings"), 1);
}

TEST_F(TopicWatchTest, AFatalDifferenceNamesTheTopicTheClusterAndTheRepair) {
  clients_.differences = {Difference("partitions", Severity::kFatal, "6 partitions instead of 4"),
                          Difference("retention.ms", Severity::kWarning, "retention.ms is 1")};
  const absl::Status status = Check();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("the topics at k:9092 do not fit"),
                    HasSubstr("o365.raw: 6 partitions instead of 4; repair it"),
                    Not(HasSubstr("retention.ms"))));
}

TEST_F(TopicWatchTest, DifferencesOfSettingsThatCanNoLongerBeReadAreKept) {
  clients_.differences = {Difference("retention.ms", Severity::kWarning, "retention.ms is 1"),
                          Difference("min.insync.replicas", Severity::kBlocks, "too many"),
                          Difference("replication_factor", Severity::kWarning, "1 copy")};
  clients_.differences[0].is_setting = clients_.differences[1].is_setting = true;
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_FALSE(watch_.MayStart());

  clients_.differences = {Difference("settings", Severity::kWarning, "cannot be read")};
  clients_.differences[0].hides_settings = true;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Check(), absl::OkStatus());
    EXPECT_EQ(Value("retention.ms"), 1);
    EXPECT_EQ(Value("min.insync.replicas"), 1);
    EXPECT_EQ(Value("replication_factor"), 0) << "it is no setting, so it is known to be gone";
    EXPECT_THAT(watch_.WhyNotReady(), HasSubstr("too many"));
  }
  clients_.differences.clear();
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_EQ(Value("retention.ms"), 0);
  EXPECT_EQ(Value("min.insync.replicas"), 0);
  EXPECT_EQ(watch_.WhyNotReady(), "");
}

TEST_F(TopicWatchTest, ChecksTheTopicsThatItWasGivenLast) {
  EXPECT_EQ(Check(), absl::OkStatus());
  const size_t before = clients_.last_uses.size();
  watch_.SetUses(UsesOf("parse", {UseCondition::kEcsEvents}));
  EXPECT_TRUE(watch_.HasUncheckedUses());
  EXPECT_EQ(Check(), absl::OkStatus());
  EXPECT_FALSE(watch_.HasUncheckedUses());
  EXPECT_EQ(clients_.last_uses.size(), before + 1);
}

class WorkersTopicsTest : public testing::Test {
 protected:
  WorkersTopicsTest() {
    options_.uses = UsesOf("detect", {});
    workers_ = std::make_unique<Workers>(
        options_, [](int) -> std::unique_ptr<Stage> { return nullptr; }, metrics_, clients_,
        clock_);
  }

  CheckingClients clients_;
  SimulatedClock clock_;
  Metrics metrics_;
  WorkerOptions options_;
  std::unique_ptr<Workers> workers_;
};

TEST_F(WorkersTopicsTest, WaitForAMissingTopicAndAreNotReady) {
  clients_.differences = {Difference("existence", Severity::kBlocks, "missing")};
  std::stop_source stop;
  std::string reason;
  clients_.on_check = [&] {
    if (clients_.checks < 5) return;
    reason = workers_->ReadinessNow().reason;
    stop.request_stop();
  };
  EXPECT_EQ(workers_->Run(stop.get_token()), absl::OkStatus());
  EXPECT_EQ(clients_.checks, 5);
  EXPECT_EQ(reason, "o365.raw: missing; repair it");
  EXPECT_EQ(clients_.last_uses.size(), UsesOf("detect", {}).size())
      << "only the topics of the service are checked";
}

TEST_F(WorkersTopicsTest, EndAtTheStartIfATopicMakesExactlyOnceProcessingImpossible) {
  clients_.differences = {Difference("cleanup.policy", Severity::kFatal, "cleanup.policy is x")};
  const absl::Status status = workers_->Run(std::stop_token());
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(clients_.checks, 1);
}

}  // namespace
}  // namespace picket::kafka
