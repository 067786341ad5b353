// Tests what the worker relies on in the real client, against the embedded broker.

#include "kafka/group_consumer.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "gtest/gtest.h"
#include "kafka/embedded_broker.h"
#include "tests/support/wait_for.h"

namespace picket::kafka {
namespace {

// Kafka's protocol defines these numbers of the heartbeat request and of the error
// FENCED_INSTANCE_ID.
constexpr int16_t kHeartbeat = 12;
constexpr int kFencedInstanceId = 82;

class GroupConsumerTest : public testing::Test, protected InputConsumer::Listener {
 protected:
  void SetUp() override {
    auto broker = EmbeddedBroker::Start(topics_);
    ASSERT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
    auto conf = GroupConsumerConf(broker_->ClientConfig(), "group", "member", absl::ZeroDuration());
    ASSERT_TRUE(conf.ok()) << conf.status();
    auto consumer =
        GroupConsumer::Make(*std::move(conf), TopicName(topics_.prefix, Topic::kRaw), this);
    ASSERT_TRUE(consumer.ok()) << consumer.status();
    consumer_ = *std::move(consumer);
    ASSERT_TRUE(PollUntil([this] { return assignments_ > 0; }));
  }
  bool PollUntil(const std::function<bool()>& condition) {
    return WaitFor(
        absl::Seconds(60),
        [&] {
          (void)consumer_->Poll(absl::Milliseconds(50));
          return condition();
        },
        absl::ZeroDuration());
  }

  void OnAssigned(const std::vector<int32_t>&, std::unique_ptr<GroupMetadata>) override {
    ++assignments_;
  }
  void OnRevoked(bool) override { ++revocations_; }
  void OnClientError(const ClientError&) override {}

  const TopicsConfig topics_ = EmbeddedBroker::SmallTopics();
  std::unique_ptr<EmbeddedBroker> broker_;
  std::unique_ptr<GroupConsumer> consumer_;
  int assignments_ = 0;
  int revocations_ = 0;
};

// A loop that polls until a point in time must not spin for the rest of the last millisecond.
TEST_F(GroupConsumerTest, APollWaitsAtLeastAsLongAsItMay) {
  ASSERT_TRUE(PollUntil([this] { return !consumer_->Poll(absl::Milliseconds(300)).has_value(); }));
  const MonotonicTime began = SystemMonotonicNow();
  for (int i = 0; i < 20; ++i) (void)consumer_->Poll(absl::Microseconds(700));
  EXPECT_GE(SystemMonotonicNow() - began, absl::Microseconds(20 * 700));
}

// Therefore the worker itself must give up the partitions of a fenced consumer.
TEST_F(GroupConsumerTest, AFencedConsumerDoesNotReportThatItsPartitionsAreLost) {
  broker_->FailRequests(kHeartbeat, kFencedInstanceId, 1);
  ASSERT_TRUE(PollUntil([this] { return !consumer_->FatalError().ok(); }));
  EXPECT_TRUE(absl::IsAlreadyExists(consumer_->FatalError())) << consumer_->FatalError();
  consumer_->Close();
  EXPECT_EQ(revocations_, 0);
}

TEST_F(GroupConsumerTest, AQueryInTheBackgroundAnswersOnceAndACloseWaitsForIt) {
  EXPECT_FALSE(consumer_->TakeRangeQuery().has_value());
  consumer_->StartRangeQuery({0, 1}, absl::Seconds(20));
  std::optional<InputConsumer::RangeResult> result;
  ASSERT_TRUE(PollUntil([&] {
    if (!result.has_value()) result = consumer_->TakeRangeQuery();
    return result.has_value();
  }));
  ASSERT_TRUE(result->ok()) << result->status();
  ASSERT_EQ((*result)->size(), 2u);
  EXPECT_EQ((**result)[0].end, 0);
  EXPECT_FALSE(consumer_->TakeRangeQuery().has_value());
  consumer_->StartRangeQuery({0, 1}, absl::Seconds(2));
  consumer_->Close();
}

}  // namespace
}  // namespace picket::kafka
