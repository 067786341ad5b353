// Tests the lag of a stage on a real Kafka, where transactions add markers to the logs, and two
// sets of topics on one cluster.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kafka/admin.h"
#include "kafka/group_consumer.h"
#include "tests/integration/predecessor.h"
#include "tests/integration/toy_kafka.h"

namespace picket::kafka {
namespace {

class LagTest : public ToyKafka {
 protected:
  // Sends one message to each partition in a transaction. Then commits or aborts the transaction.
  void SendTransaction(bool commit) {
    Predecessor sender(kafka_, topics_, absl::StrCat("sender-", run_));
    sender.Begin();
    for (int32_t partition = 0; partition < kPartitions; ++partition) {
      sender.Write(Topic::kRaw, partition, absl::StrCat("other-", partition), "x");
    }
    sender.Flush();
    if (commit) {
      sender.Commit();
    } else {
      sender.Abort();
    }
  }
  bool WaitForLag(const RunningWorkers& workers, double lag) {
    return WaitFor([&] { return workers.metrics.Sum("picket_input_lag_messages") == lag; });
  }
  // Returns the lag of a group as Kafka's own tools show it. This is the sum of the partitions'
  // ends minus the committed offsets.
  int64_t LagInTools(const std::string& stage, Topic topic) {
    absl::StatusOr<Conf> conf = UncommittedConf(kafka_, GroupId(topics_.prefix, stage));
    EXPECT_TRUE(conf.ok());
    const absl::StatusOr<Handle> handle = MakeHandle(RD_KAFKA_CONSUMER, *std::move(conf));
    EXPECT_TRUE(handle.ok());
    const std::string name = TopicName(topics_.prefix, topic);
    const PartitionList list = MakePartitionList(kPartitions);
    std::vector<int32_t> partitions;
    for (int32_t partition = 0; partition < kPartitions; ++partition) {
      rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition);
      partitions.push_back(partition);
    }
    const auto committed = ReadCommitted(handle->get(), list.get(), absl::Seconds(10));
    const auto ranges = QueryOffsetRanges(handle->get(), name, partitions, absl::Seconds(10));
    EXPECT_TRUE(committed.ok() && ranges.ok()) << committed.status() << ranges.status();
    if (!committed.ok() || !ranges.ok()) return -1;
    int64_t lag = 0;
    for (size_t i = 0; i < partitions.size(); ++i) {
      lag += (*ranges)[i].end - (*committed)[i].offset.value_or(0);
    }
    return lag;
  }
};

TEST_F(LagTest, IsZeroWhenEverythingIsConsumedAndOneWhenOneMessageIsNot) {
  std::atomic<bool> aborts{false};
  RunningWorkers workers(Options("a"), nullptr, [&](TransactionCall call) {
    return aborts && call == TransactionCall::kCommit ? Interference::kAbort : Interference::kNone;
  });
  ASSERT_TRUE(workers.WaitUntilReady());
  SendTransaction(/*commit=*/true);
  SendTransaction(/*commit=*/false);
  SendTransaction(/*commit=*/true);
  ASSERT_TRUE(WaitForEvents(2 * kPartitions));
  EXPECT_TRUE(WaitForLag(workers, 0)) << workers.metrics.Sum("picket_input_lag_messages");
  // In each partition, a few markers and aborted messages may follow the committed offset.
  EXPECT_LE(LagInTools("toy", Topic::kRaw), 3 * kPartitions);

  aborts = true;
  SendOne("key-0", "late");
  EXPECT_TRUE(WaitForLag(workers, 1)) << workers.metrics.Sum("picket_input_lag_messages");
  EXPECT_TRUE(WaitFor([&] { return !workers.ReadinessNow().ready; }));
  EXPECT_NE(workers.ReadinessNow().reason.find("the transactions of worker 0 fail"),
            std::string::npos)
      << workers.ReadinessNow().reason;
  aborts = false;
  EXPECT_TRUE(WaitForLag(workers, 0)) << workers.metrics.Sum("picket_input_lag_messages");
  EXPECT_TRUE(workers.WaitUntilReady());
}

TEST_F(LagTest, ABusyGroupKeepsNoLagInKafkasTools) {
  RunningWorkers workers(Options("a"));
  ASSERT_TRUE(workers.WaitUntilReady());
  for (int i = 0; i < 5; ++i) SendTransaction(/*commit=*/true);
  ASSERT_TRUE(WaitForEvents(5 * kPartitions));
  EXPECT_TRUE(WaitFor([&] { return LagInTools("toy", Topic::kRaw) <= kPartitions; }))
      << LagInTools("toy", Topic::kRaw);
}

TEST_F(LagTest, TwoInstallationsWithOneInstanceNameDoNotDisturbEachOther) {
  RunningWorkers first(Options("same", 2));
  const TopicsConfig first_topics = topics_;
  topics_.prefix = absl::StrCat("other-", run_, ".");
  ASSERT_TRUE(CreateTopics(kafka_, topics_).ok());
  RunningWorkers second(Options("same", 2));
  ASSERT_TRUE(first.WaitUntilReady() && second.WaitUntilReady());
  const TopicsConfig second_topics = topics_;
  for (int i = 0; i < 10; ++i) {
    topics_ = first_topics;
    Send(1);
    topics_ = second_topics;
    Send(1);
  }
  const auto expected = static_cast<size_t>(10 * kKeys);
  EXPECT_TRUE(WaitForEvents(expected));
  topics_ = first_topics;
  EXPECT_TRUE(WaitForEvents(expected));
  for (RunningWorkers* const workers : {&first, &second}) {
    EXPECT_TRUE(workers->Stop().ok());
    EXPECT_EQ(workers->metrics.Render().find("outcome=\"aborted\""), std::string::npos);
  }
}

}  // namespace
}  // namespace picket::kafka
