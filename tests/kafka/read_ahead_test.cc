#include "kafka/read_ahead.h"

#include <atomic>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "kafka/embedded_broker.h"
#include "kafka/transactional_producer.h"

namespace picket::kafka {
namespace {

constexpr int kMessages = 400;
constexpr size_t kMessageBytes = 5'000;
constexpr int64_t kReadAheadBytes = 100 * 1024;

// Counts the client's requests for offsets. The client sends one such request when it begins to
// read, and another each time ReadAhead wakes it.
class OffsetRequests {
 public:
  explicit OffsetRequests(rd_kafka_conf_t* conf) {
    rd_kafka_conf_interceptor_add_on_new(
        conf, "test",
        [](rd_kafka_t* handle, const rd_kafka_conf_t*, void* opaque, char*, size_t) {
          return rd_kafka_interceptor_add_on_request_sent(handle, "test", OnRequest, opaque);
        },
        this);
  }
  int count() const { return count_; }

 private:
  static rd_kafka_resp_err_t OnRequest(rd_kafka_t*, int, const char*, int32_t, int16_t kind,
                                       int16_t, int32_t, size_t, void* opaque) {
    constexpr int16_t kListOffsets = 2;
    if (kind == kListOffsets) ++static_cast<OffsetRequests*>(opaque)->count_;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  std::atomic<int> count_ = 0;
};

TEST(ReadAheadTest, ABacklogWakesTheClientEachTimeItMayHaveStopped) {
  const TopicsConfig topics = EmbeddedBroker::SmallTopics();
  const auto broker = EmbeddedBroker::Start(topics);
  ASSERT_TRUE(broker.ok()) << broker.status();
  const std::string topic = TopicName(topics.prefix, Topic::kLedger);
  {
    KafkaConfig kafka = (*broker)->ClientConfig();
    // Uses small batches, since a fetch returns whole batches.
    kafka.properties["batch.num.messages"] = "10";
    const auto producer = TransactionalProducer::Make(kafka, topics.prefix, "picket-test");
    ASSERT_TRUE(producer.ok()) << producer.status();
    constexpr absl::Duration kLimit = absl::Seconds(30);
    ASSERT_TRUE((*producer)->Init(absl::Seconds(30)).ok());
    OutputBatch batch;
    for (int i = 0; i < kMessages; ++i) {
      batch.Add(Topic::kLedger, 0, "key", std::string(kMessageBytes, 'x'));
    }
    ASSERT_EQ((*producer)->Begin(), CallResult::kOk);
    ASSERT_EQ((*producer)->Produce(batch, kLimit), CallResult::kOk);
    ASSERT_EQ((*producer)->Flush(kLimit), CallResult::kOk);
    ASSERT_EQ((*producer)->Commit(kLimit), CallResult::kOk);
  }

  KafkaConfig kafka = (*broker)->ClientConfig();
  kafka.properties = {{"queued.max.messages.kbytes", std::to_string(kReadAheadBytes / 1024)},
                      {"fetch.message.max.bytes", "50000"}};
  auto conf = ChangelogConf(kafka);
  ASSERT_TRUE(conf.ok()) << conf.status();
  const OffsetRequests requests(conf->get());
  ReadAhead read_ahead(conf->get());
  const auto handle = MakeHandle(RD_KAFKA_CONSUMER, *std::move(conf));
  ASSERT_TRUE(handle.ok()) << handle.status();
  const Queue queue(rd_kafka_queue_new(handle->get()));
  rd_kafka_topic_t* const partition = rd_kafka_topic_new(handle->get(), topic.c_str(), nullptr);
  ASSERT_EQ(rd_kafka_consume_start_queue(partition, 0, RD_KAFKA_OFFSET_BEGINNING, queue.get()), 0);

  const auto consumed = [&] {
    PartitionList list = MakePartitionList(1);
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0);
    return list;
  };
  const absl::Time deadline = absl::Now() + absl::Seconds(120);
  int taken = 0;
  int at_first = 0;
  while (taken < kMessages && absl::Now() < deadline) {
    read_ahead.KeepUp(handle->get(), queue.get(), consumed);
    const MessagePtr message(rd_kafka_consume_queue(queue.get(), 100));
    if (message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (taken++ == 0) at_first = requests.count();
    read_ahead.Taken(*message);
  }
  ASSERT_EQ(taken, kMessages);
  // Between two wake-ups, the test consumes at least the read-ahead limit and at most 1.5 times the
  // limit.
  constexpr int64_t kTurns = kMessages * kMessageBytes / kReadAheadBytes;
  EXPECT_GE(requests.count() - at_first, kTurns * 2 / 3 - 1);
  EXPECT_LE(requests.count() - at_first, kTurns);
  rd_kafka_consume_stop(partition, 0);
  rd_kafka_topic_destroy(partition);
}

}  // namespace
}  // namespace picket::kafka
