// Tests the replacement of the Kafka clients of running workers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "kafka/embedded_broker.h"
#include "kafka/worker/librdkafka_clients.h"
#include "kafka/worker/workers.h"
#include "tests/support/wait_for.h"

namespace picket::kafka {
namespace {

using ::testing::HasSubstr;

// A stage that consumes `raw` and does nothing.
class IdleStage final : public Stage {
 public:
  IdleStage() {
    spec_.name = "parser";
    spec_.input = Topic::kRaw;
  }
  const StageSpec& spec() const override { return spec_; }
  void BeginRestore(int32_t) override {}
  void RestoreRow(const Message&) override {}
  void EndRestore(int32_t) override {}
  void Release(int32_t) override {}

 private:
  StageSpec spec_;
};

// Real clients, whose checks of the topics and whose consumers fail as the test says.
class FailingClients final : public KafkaClients {
 public:
  FailingClients(const KafkaConfig& kafka, const TopicsConfig& topics) : clients_(kafka, topics) {}

  absl::StatusOr<std::vector<TopicDifference>> CheckTopics(const std::vector<TopicUse>& uses,
                                                           absl::Duration limit) override {
    ++checks;
    {
      MutexLock lock(mu_);
      if (!check_error_.ok()) return check_error_;
      if (!differences_.empty()) return differences_;
    }
    return clients_.CheckTopics(uses, limit);
  }
  absl::StatusOr<std::unique_ptr<InputConsumer>> MakeConsumer(
      const MemberSpec& member, InputConsumer::Listener* listener) override {
    {
      MutexLock lock(mu_);
      if (!consumer_error_.ok()) {
        ++failed_consumers;
        return consumer_error_;
      }
    }
    return clients_.MakeConsumer(member, listener);
  }
  absl::StatusOr<std::unique_ptr<BatchProducer>> MakeProducer(
      const std::string& transactional_id, const std::vector<Topic>& followed) override {
    return clients_.MakeProducer(transactional_id, followed);
  }
  absl::StatusOr<std::unique_ptr<ChangelogSource>> MakeChangelogSource(Topic changelog) override {
    return clients_.MakeChangelogSource(changelog);
  }
  absl::StatusOr<std::unique_ptr<UncommittedRanges>> MakeUncommittedRanges(
      const std::string& group) override {
    return clients_.MakeUncommittedRanges(group);
  }
  absl::StatusOr<std::unique_ptr<RollCall>> MakeRollCall(const RollCallSpec& spec) override {
    return clients_.MakeRollCall(spec);
  }

  void SetCheckError(absl::Status error) {
    MutexLock lock(mu_);
    check_error_ = std::move(error);
  }
  void SetConsumerError(absl::Status error) {
    MutexLock lock(mu_);
    consumer_error_ = std::move(error);
  }
  void SetDifference(std::string setting, Severity severity, bool blocks_start = false) {
    TopicDifference difference;
    difference.topic = Topic::kRaw;
    difference.topic_name = "t.raw";
    difference.setting = std::move(setting);
    difference.severity = severity;
    difference.blocks_start = blocks_start;
    difference.what = "it differs";
    MutexLock lock(mu_);
    differences_ = {difference};
  }
  void ClearDifferences() {
    MutexLock lock(mu_);
    differences_.clear();
  }

  std::atomic<int> checks = 0;
  std::atomic<int> failed_consumers = 0;

 private:
  LibrdkafkaClients clients_;
  Mutex mu_;
  absl::Status check_error_ ABSL_GUARDED_BY(mu_);
  absl::Status consumer_error_ ABSL_GUARDED_BY(mu_);
  std::vector<TopicDifference> differences_ ABSL_GUARDED_BY(mu_);
};

class WorkersRestartTest : public testing::Test {
 protected:
  WorkersRestartTest() {
    const TopicsConfig topics = EmbeddedBroker::SmallTopics();
    auto broker = EmbeddedBroker::Start(topics);
    EXPECT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
    WorkerOptions options;
    options.kafka = broker_->ClientConfig();
    options.topics = topics;
    options.topics.check_interval = absl::Hours(1);
    // The embedded broker knows no static members, so a restart waits for the end of a session.
    options.kafka.session_timeout = absl::Seconds(6);
    options.uses = UsesOf("parse", {});
    clients_ = std::make_unique<FailingClients>(options.kafka, topics);
    workers_ = std::make_unique<Workers>(
        std::move(options),
        [this](int) {
          ++stages_;
          return std::make_unique<IdleStage>();
        },
        metrics_, *clients_, clock_);
  }
  void Start() {
    runner_ = std::jthread([this](const std::stop_token& stop) {
      ended_ = workers_->Run(stop);
      has_ended_ = true;
    });
    ASSERT_TRUE(WaitUntil([&] { return workers_->ReadinessNow().ready; }))
        << workers_->ReadinessNow().reason;
  }
  absl::Status Stop() {
    runner_.request_stop();
    runner_.join();
    return ended_;
  }
  bool WaitUntil(const std::function<bool()>& condition) {
    return WaitFor(absl::Seconds(60), condition);
  }
  bool IsReadyWith(int stages) { return stages_ == stages && workers_->ReadinessNow().ready; }

  SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<EmbeddedBroker> broker_;
  std::unique_ptr<FailingClients> clients_;
  std::atomic<int> stages_ = 0;
  std::atomic<bool> has_ended_ = false;
  absl::Status ended_ = absl::UnknownError("it still runs");
  std::unique_ptr<Workers> workers_;
  std::jthread runner_;
};

TEST_F(WorkersRestartTest, ARestartReplacesTheWorkersAndTheNewOnesBecomeReady) {
  Start();
  EXPECT_EQ(stages_, 1);
  workers_->Restart();
  ASSERT_TRUE(WaitUntil([&] { return IsReadyWith(2); })) << workers_->ReadinessNow().reason;
  EXPECT_EQ(Stop(), absl::OkStatus());
  EXPECT_EQ(stages_, 2);
}

TEST_F(WorkersRestartTest, AStopDuringARestartEndsTheRun) {
  Start();
  workers_->Restart();
  EXPECT_EQ(Stop(), absl::OkStatus());
}

TEST_F(WorkersRestartTest, ARestartBeforeTheWorkersStartIsHarmless) {
  workers_->Restart();
  Start();
  EXPECT_EQ(Stop(), absl::OkStatus());
}

TEST_F(WorkersRestartTest, RefusedChecksOfTheTopicsAfterARestartEndNothing) {
  int stages = 1;
  Start();
  for (const absl::Status& error :
       {absl::PermissionDeniedError("log in: refused"), absl::InternalError("the broker answered"),
        absl::InvalidArgumentError("a certificate cannot be read")}) {
    clients_->SetCheckError(error);
    const int checks = clients_->checks;
    workers_->Restart();
    ++stages;
    EXPECT_TRUE(WaitUntil([&] { return IsReadyWith(stages) && clients_->checks > checks; }))
        << error << ": " << workers_->ReadinessNow().reason;
    EXPECT_FALSE(has_ended_) << error;
  }
  EXPECT_EQ(Stop(), absl::OkStatus());
}

TEST_F(WorkersRestartTest, ClientsThatCannotBeCreatedAfterARestartAreTriedAgain) {
  Start();
  clients_->SetConsumerError(absl::InvalidArgumentError("the key cannot be read"));
  workers_->Restart();
  ASSERT_TRUE(WaitUntil([&] { return clients_->failed_consumers >= 3; }));
  EXPECT_FALSE(has_ended_);
  EXPECT_THAT(workers_->ReadinessNow().reason, HasSubstr("the key cannot be read"));
  clients_->SetConsumerError(absl::OkStatus());
  EXPECT_TRUE(WaitUntil([&] { return IsReadyWith(2); })) << workers_->ReadinessNow().reason;
  EXPECT_EQ(Stop(), absl::OkStatus());
}

TEST_F(WorkersRestartTest, ClientsThatCannotBeCreatedAtTheFirstStartEndTheRun) {
  clients_->SetConsumerError(absl::InvalidArgumentError("the key cannot be read"));
  EXPECT_TRUE(absl::IsInvalidArgument(workers_->Run(std::stop_token())));
}

TEST_F(WorkersRestartTest, SettingsThatCannotBeReadDoNotDelayARestart) {
  Start();
  clients_->SetDifference("settings", Severity::kWarning, /*blocks_start=*/true);
  workers_->Restart();
  EXPECT_TRUE(WaitUntil([&] { return IsReadyWith(2); })) << workers_->ReadinessNow().reason;
  EXPECT_EQ(Stop(), absl::OkStatus());
}

TEST_F(WorkersRestartTest, AFatalDifferenceOfTheTopicsEndsTheRunAfterARestart) {
  Start();
  clients_->SetDifference("partitions", Severity::kFatal);
  workers_->Restart();
  ASSERT_TRUE(WaitUntil([&] { return has_ended_.load(); }));
  EXPECT_TRUE(absl::IsFailedPrecondition(ended_)) << ended_;
}

TEST_F(WorkersRestartTest, ADifferenceThatIsGoneAfterARestartLeavesTheMetric) {
  const MetricLabels labels = {{"topic", "t.raw"}, {"setting", "retention.ms"}};
  clients_->SetDifference("retention.ms", Severity::kWarning);
  Start();
  EXPECT_EQ(metrics_.Sum("picket_topic_differences", labels), 1);
  clients_->ClearDifferences();
  workers_->Restart();
  EXPECT_TRUE(WaitUntil([&] { return metrics_.Sum("picket_topic_differences", labels) == 0; }));
  EXPECT_EQ(Stop(), absl::OkStatus());
}

TEST_F(WorkersRestartTest, NewUsesOfTopicsAreCheckedSoon) {
  Start();
  clients_->SetDifference("existence", Severity::kBlocks);
  workers_->SetUses(UsesOf("parse", {UseCondition::kEcsEvents}));
  EXPECT_TRUE(WaitUntil([&] { return !workers_->ReadinessNow().ready; }));
  EXPECT_THAT(workers_->ReadinessNow().reason, HasSubstr("t.raw: it differs"));
  EXPECT_EQ(Stop(), absl::OkStatus());
}

}  // namespace
}  // namespace picket::kafka
