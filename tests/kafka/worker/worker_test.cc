// Tests the workers with librdkafka on the embedded broker. This broker neither hides aborted
// transactions nor keeps offsets. So the simulation (simulation_test.cc), and tests/integration on
// a real Kafka, test exactly-once processing.

#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "kafka/embedded_broker.h"
#include "kafka/topic_reader.h"
#include "kafka/worker/workers.h"
#include "tests/support/wait_for.h"

namespace picket::kafka {
namespace {

bool WaitFor(const std::function<bool()>& condition) {
  return picket::WaitFor(absl::Seconds(30), condition, absl::Milliseconds(5));
}

// Produces ten pieces of work for each partition that it owns, one at a time.
class TenEachStage final : public Stage {
 public:
  explicit TenEachStage(std::atomic<bool>* in_contact) : in_contact_(*in_contact) {}
  const StageSpec& spec() const override {
    static const StageSpec& spec = *new StageSpec{"ten", Topic::kLedger, false, {}};
    return spec;
  }
  void BeginRestore(int32_t partition) override { done_[partition] = 0; }
  void RestoreRow(const Message&) override {}
  void EndRestore(int32_t) override {}
  void Release(int32_t partition) override { done_.erase(partition); }
  void Collect(size_t, OutputBatch& out) override {
    for (auto& [partition, done] : done_) {
      if (done >= 10) continue;
      out.Touch(partition);
      out.Add(Topic::kRaw, partition, "key", absl::StrCat(done));
    }
  }
  void Commit() override {
    for (auto& [partition, done] : done_) ++done;
  }
  void OnContact(bool in_contact) override { in_contact_ = in_contact; }

 private:
  std::atomic<bool>& in_contact_;
  std::map<int32_t, int> done_;
};

// Copies every message to `events`.
class EchoStage final : public Stage {
 public:
  const StageSpec& spec() const override {
    static const StageSpec& spec = *new StageSpec{"echo", Topic::kRaw, true, {}};
    return spec;
  }
  void BeginRestore(int32_t) override {}
  void RestoreRow(const Message&) override {}
  void EndRestore(int32_t) override {}
  void Release(int32_t) override {}
  void Process(const Message& message, OutputBatch& out) override {
    out.Add(Topic::kEvents, message.partition, message.key, message.value, message.headers);
  }
};

class WorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    topics_ = EmbeddedBroker::SmallTopics();
    auto broker = EmbeddedBroker::Start(topics_);
    ASSERT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
  }
  WorkerOptions Options() const {
    WorkerOptions options;
    options.kafka = broker_->ClientConfig();
    options.kafka.instance = "test";
    options.kafka.session_timeout = absl::Seconds(6);
    options.topics = topics_;
    return options;
  }
  size_t Count(Topic topic) const {
    size_t count = 0;
    auto reader = TopicReader::Open(broker_->ClientConfig(), TopicName(topics_.prefix, topic),
                                    TopicReader::Isolation::kReadCommitted);
    if (!reader.ok()) return 0;
    const absl::Status status =
        (*reader)->ReadToEnd(absl::Seconds(10), [&](const Message&) { ++count; });
    return status.ok() ? count : 0;
  }

  TopicsConfig topics_;
  std::unique_ptr<EmbeddedBroker> broker_;
  Metrics metrics_;
};

TEST_F(WorkerTest, CollectsConsumesAndReportsWhenTheBrokerIsGone) {
  std::atomic<bool> in_contact{true};
  Workers source(
      Options(), [&](int) { return std::make_unique<TenEachStage>(&in_contact); }, metrics_);
  Workers echo(
      Options(), [](int) { return std::make_unique<EchoStage>(); }, metrics_);
  EXPECT_FALSE(source.ReadinessNow().ready);
  std::jthread source_thread([&](std::stop_token stop) { EXPECT_TRUE(source.Run(stop).ok()); });
  std::jthread echo_thread([&](std::stop_token stop) { EXPECT_TRUE(echo.Run(stop).ok()); });

  const auto expected = static_cast<size_t>(topics_.partitions) * 10;
  EXPECT_TRUE(WaitFor([&] { return Count(Topic::kEvents) >= expected; }));
  EXPECT_EQ(Count(Topic::kRaw), expected);
  EXPECT_EQ(Count(Topic::kEvents), expected);
  EXPECT_TRUE(WaitFor([&] { return source.ReadinessNow().ready && echo.ReadinessNow().ready; }));
  EXPECT_TRUE(in_contact);

  broker_.reset();
  EXPECT_TRUE(WaitFor([&] { return echo.ReadinessNow().reason.find("broker unreachable: ") == 0; }))
      << echo.ReadinessNow().reason;
  EXPECT_TRUE(WaitFor([&] { return !in_contact; }));
}

TEST(WorkersTest, WithoutABrokerTheyAreNotReadyAndReportWhy) {
  WorkerOptions options;
  options.kafka.bootstrap_servers = "127.0.0.1:1";  // no process listens on this port
  options.kafka.instance = "test";
  Metrics metrics;
  Workers workers(
      options, [](int) { return std::make_unique<EchoStage>(); }, metrics);
  std::jthread thread([&](std::stop_token stop) { EXPECT_TRUE(workers.Run(stop).ok()); });
  EXPECT_TRUE(WaitFor([&] {
    return workers.ReadinessNow().reason.find("broker unreachable: ") == 0;
  })) << workers.ReadinessNow().reason;
  EXPECT_FALSE(workers.ReadinessNow().ready);
  const absl::Time asked = absl::Now();
  thread.request_stop();
  thread.join();
  EXPECT_LT(absl::Now() - asked, absl::Seconds(5));
}

TEST_F(WorkerTest, AnotherPartitionCountEndsTheServiceBeforeAnythingIsWritten) {
  WorkerOptions options = Options();
  options.topics.partitions = topics_.partitions + 1;
  Workers workers(
      options, [](int) { return std::make_unique<EchoStage>(); }, metrics_);
  const absl::Status status = workers.Run(std::stop_token());
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

}  // namespace
}  // namespace picket::kafka
