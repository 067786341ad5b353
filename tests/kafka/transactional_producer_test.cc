// Tests the producer on the embedded broker. The producer must not trust the client's delivery
// reports.

#include "kafka/transactional_producer.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "kafka/embedded_broker.h"
#include "kafka/topic_reader.h"

namespace picket::kafka {
namespace {

// Kafka's protocol defines these numbers.
constexpr int16_t kProduceRequest = 0;
constexpr int16_t kDuplicateSequenceNumber = 46;

constexpr absl::Duration kLimit = absl::Seconds(20);

class TransactionalProducerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto broker = EmbeddedBroker::Start(topics_);
    ASSERT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
  }

  std::unique_ptr<TransactionalProducer> MakeProducer() {
    auto producer = TransactionalProducer::Make(broker_->ClientConfig(), topics_.prefix,
                                                "picket-test", {Topic::kSeen});
    EXPECT_TRUE(producer.ok()) << producer.status();
    EXPECT_TRUE((*producer)->Init(absl::Seconds(10)).ok());
    return *std::move(producer);
  }

  std::set<std::string> ValuesOn(Topic topic) const {
    std::set<std::string> values;
    auto reader = TopicReader::Open(broker_->ClientConfig(), TopicName(topics_.prefix, topic),
                                    TopicReader::Isolation::kReadCommitted);
    EXPECT_TRUE(reader.ok()) << reader.status();
    const absl::Status status = (*reader)->ReadToEnd(
        absl::Seconds(10),
        [&](const Message& message) { values.insert(std::string(message.value)); });
    EXPECT_TRUE(status.ok()) << status;
    return values;
  }

  const TopicsConfig topics_ = EmbeddedBroker::SmallTopics();
  std::unique_ptr<EmbeddedBroker> broker_;
};

// The broker refuses the messages with an error that makes the client believe that the broker
// already has them. The client then reports the messages as delivered.
TEST_F(TransactionalProducerTest, MessagesWithoutAnOffsetFromTheBrokerAreNotCommitted) {
  auto producer = MakeProducer();
  OutputBatch batch;
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    all.insert(absl::StrCat(i));
    batch.Add(Topic::kEvents, 0, "key", absl::StrCat(i));
  }

  broker_->FailRequests(kProduceRequest, kDuplicateSequenceNumber, 1);
  ASSERT_EQ(producer->Begin(), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Produce(batch, kLimit), CallResult::kOk) << producer->error();
  // On a busy machine, the client may send the messages in two requests. The error of the first one
  // makes the sequence number of the second one wrong, which is fatal.
  const CallResult flushed = producer->Flush(kLimit);
  EXPECT_TRUE(flushed == CallResult::kMustAbort || flushed == CallResult::kMustRecreate);
  if (flushed == CallResult::kMustAbort) {
    ASSERT_EQ(producer->Abort(kLimit), CallResult::kOk) << producer->error();
  }
  EXPECT_EQ(ValuesOn(Topic::kEvents).size(), 0);

  producer.reset();
  producer = MakeProducer();
  ASSERT_EQ(producer->Begin(), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Produce(batch, kLimit), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Flush(kLimit), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Commit(kLimit), CallResult::kOk) << producer->error();
  EXPECT_EQ(ValuesOn(Topic::kEvents), all);
}

TEST_F(TransactionalProducerTest, ReportsTheLastOffsetsOfTheTopicsThatItFollows) {
  const auto producer = MakeProducer();
  OutputBatch batch;
  for (int i = 0; i < 3; ++i) batch.Add(Topic::kSeen, 1, "key", absl::StrCat(i));
  batch.Add(Topic::kSeen, 2, "key", "row");
  for (int i = 0; i < 9; ++i) batch.Add(Topic::kEvents, 3, "key", absl::StrCat(i));
  ASSERT_EQ(producer->Begin(), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Produce(batch, kLimit), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Flush(kLimit), CallResult::kOk) << producer->error();
  EXPECT_EQ(producer->LastOffsets(), (std::map<BatchProducer::TopicPartition, int64_t>{
                                         {{Topic::kSeen, 1}, 2}, {{Topic::kSeen, 2}, 0}}));
  ASSERT_EQ(producer->Commit(kLimit), CallResult::kOk) << producer->error();
}

// If a partition does not exist, librdkafka refuses the message in the call itself. The same
// happens when our user may no longer write to the topic.
TEST_F(TransactionalProducerTest, AMessageWithHeadersThatIsRefusedAtOnceAbortsTheTransaction) {
  const auto producer = MakeProducer();
  const std::vector<Header> headers = {{"tenant", "t"}, {"schema", "s"}};
  OutputBatch known;
  known.Add(Topic::kEvents, 0, "key", "value", headers);
  ASSERT_EQ(producer->Begin(), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Produce(known, kLimit), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Flush(kLimit), CallResult::kOk) << producer->error();
  ASSERT_EQ(producer->Commit(kLimit), CallResult::kOk) << producer->error();

  OutputBatch unknown;
  unknown.Add(Topic::kEvents, 99, "key", "value", headers);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(producer->Begin(), CallResult::kOk) << producer->error();
    EXPECT_EQ(producer->Produce(unknown, kLimit), CallResult::kMustAbort);
    EXPECT_NE(producer->error().find("Unknown partition"), std::string::npos) << producer->error();
    ASSERT_EQ(producer->Abort(kLimit), CallResult::kOk) << producer->error();
  }
}

}  // namespace
}  // namespace picket::kafka
