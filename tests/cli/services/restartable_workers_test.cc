#include "cli/services/restartable_workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "kafka/embedded_broker.h"
#include "tests/support/wait_for.h"

namespace picket {
namespace {

// A stage that consumes `raw` and does nothing.
class IdleStage final : public kafka::Stage {
 public:
  IdleStage() {
    spec_.name = "parser";
    spec_.input = kafka::Topic::kRaw;
  }
  const kafka::StageSpec& spec() const override { return spec_; }
  void BeginRestore(int32_t) override {}
  void RestoreRow(const kafka::Message&) override {}
  void EndRestore(int32_t) override {}
  void Release(int32_t) override {}

 private:
  kafka::StageSpec spec_;
};

class RestartableWorkersTest : public testing::Test {
 protected:
  RestartableWorkersTest() {
    const kafka::TopicsConfig topics = kafka::EmbeddedBroker::SmallTopics();
    auto broker = kafka::EmbeddedBroker::Start(topics);
    EXPECT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
    kafka::WorkerOptions options;
    options.kafka = broker_->ClientConfig();
    options.topics = topics;
    workers_ = std::make_unique<RestartableWorkers>(
        std::move(options),
        [this](int) {
          ++stages_;
          return std::make_unique<IdleStage>();
        },
        metrics_);
  }

  Metrics metrics_;
  std::unique_ptr<kafka::EmbeddedBroker> broker_;
  std::atomic<int> stages_ = 0;
  std::unique_ptr<RestartableWorkers> workers_;
};

TEST_F(RestartableWorkersTest, ARestartReplacesTheWorkersAndTheNewOnesBecomeReady) {
  absl::Status ended = absl::UnknownError("it still runs");
  std::jthread runner([&](const std::stop_token& stop) { ended = workers_->Run(stop); });
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return workers_->ReadinessNow().ready; }));
  EXPECT_EQ(stages_, 1);
  workers_->Restart();
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] {
    return stages_ == 2 && workers_->ReadinessNow().ready;
  })) << workers_->ReadinessNow().reason;
  runner.request_stop();
  runner.join();
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(stages_, 2);
}

TEST_F(RestartableWorkersTest, AStopDuringARestartEndsTheRun) {
  absl::Status ended = absl::UnknownError("it still runs");
  std::jthread runner([&](const std::stop_token& stop) { ended = workers_->Run(stop); });
  workers_->Restart();
  runner.request_stop();
  runner.join();
  EXPECT_TRUE(ended.ok()) << ended;
}

}  // namespace
}  // namespace picket
