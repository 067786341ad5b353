// Tests messages that cannot be processed, and input that was deleted.

#include "absl/strings/str_cat.h"
#include "tests/integration/toy_kafka.h"
#include "tests/integration/toy_process.h"

namespace picket::kafka {
namespace {

class PoisonTest : public ToyKafka {
 protected:
  std::string Raw() const { return TopicName(topics_.prefix, Topic::kRaw); }

  Handle Client() const {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char error[256];
    rd_kafka_conf_set(conf, "bootstrap.servers", kafka_.bootstrap_servers.c_str(), error,
                      sizeof(error));
    return Handle(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
  }
  int64_t EndOf(int32_t partition) const {
    int64_t begin = -1;
    int64_t end = -1;
    EXPECT_EQ(rd_kafka_query_watermark_offsets(Client().get(), Raw().c_str(), partition, &begin,
                                               &end, 10000),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    return end;
  }
  void DeleteBefore(int32_t partition, int64_t offset) const {
    const Handle client = Client();
    const PartitionList list = MakePartitionList(1);
    rd_kafka_topic_partition_list_add(list.get(), Raw().c_str(), partition)->offset = offset;
    rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
    rd_kafka_queue_t* const queue = rd_kafka_queue_new(client.get());
    rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue);
    rd_kafka_event_t* const event = rd_kafka_queue_poll(queue, 10000);
    ASSERT_NE(event, nullptr);
    EXPECT_EQ(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteRecords_destroy(request);
  }
};

TEST_F(PoisonTest, AMessageTooLargeToProduceBecomesADeadLetterAndItsNeighboursDoNot) {
  Send(10);
  SendOne("key-1", "big");
  SendOne("key-2", "big");
  Send(10);
  RunningWorkers workers(Options("a"));
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_TRUE(workers.Stop().ok());
  EXPECT_TRUE(EveryMessageOnce());
  const std::vector<Row> dead = Read(Topic::kDeadLetters);
  ASSERT_EQ(dead.size(), 2u);
  for (const Row& row : dead) {
    EXPECT_EQ(row.value, "big");
    EXPECT_EQ(row.headers.at("dead-letter-reason"), "oversized");
    EXPECT_EQ(row.headers.at("dead-letter-topic"), Raw());
    const std::string key = row.key.substr(0, row.key.find('|'));
    EXPECT_EQ(row.key, absl::StrCat(key, "|", Raw(), "|", PartitionOf(key, kPartitions), "|",
                                    row.headers.at("dead-letter-offset"), "|-1"));
    EXPECT_EQ(row.partition, PartitionOf(key, kPartitions));
  }
  const MetricLabels oversized = {{"stage", "toy"}, {"reason", "oversized"}};
  EXPECT_EQ(workers.metrics.Sum("picket_dead_letters_total", oversized), 2);
  EXPECT_EQ(workers.metrics.Sum("picket_records_in_total"), sent() + 2);
  EXPECT_EQ(workers.metrics.Sum("picket_records_out_total"), sent());
}

TEST_F(PoisonTest, AMessageThatEndsTheProcessBecomesADeadLetterAndItsNeighboursDoNot) {
  Send(10);
  SendOne("key-3", "crash");
  Send(10);
  int starts = 0;
  auto process = std::make_unique<ToyProcess>(Options("a"), true);
  const bool is_through = WaitFor(
      [&] {
        if (process->HasEnded()) {
          if (++starts > 5) return true;
          process = std::make_unique<ToyProcess>(Options("a"), true);
        }
        return EventCount() >= sent();
      },
      absl::Seconds(60));
  EXPECT_TRUE(is_through);
  EXPECT_EQ(starts, 2);  // after two restarts, the message is known to crash the process
  EXPECT_TRUE(EveryMessageOnce());
  const std::vector<Row> dead = Read(Topic::kDeadLetters);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].value, "crash");
  EXPECT_EQ(dead[0].headers.at("dead-letter-reason"), "crashed");
  EXPECT_EQ(process->Terminate(), 0);
}

TEST_F(PoisonTest, KillsAtEveryStartAccuseNoMessage) {
  Send(10);
  for (const WorkerStep step : {WorkerStep::kProducing, WorkerStep::kProducing,
                                WorkerStep::kProducing, WorkerStep::kOffsetsSent}) {
    ToyProcess process(Options("a"), true);
    ASSERT_TRUE(process.StopAt(step));
  }
  ToyProcess process(Options("a"), true);
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_EQ(process.Terminate(), 0);
  EXPECT_TRUE(EveryMessageOnce());
  EXPECT_TRUE(Read(Topic::kDeadLetters).empty());
}

TEST_F(PoisonTest, DeletedInputBecomesAGapRow) {
  Send(10);
  {
    RunningWorkers workers(Options("a"));
    ASSERT_TRUE(WaitForEvents(sent()));
    EXPECT_TRUE(workers.Stop().ok());
  }
  // Sends five messages to a partition and deletes them before they are read.
  const std::string key = "key-0";
  const int32_t partition = PartitionOf(key, kPartitions);
  const int64_t from = EndOf(partition);
  for (int i = 0; i < 5; ++i) SendOne(key, "unread");
  DeleteBefore(partition, from + 5);
  Send(10);
  RunningWorkers workers(Options("a"));
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_TRUE(workers.Stop().ok());
  EXPECT_TRUE(EveryMessageOnce());
  const std::vector<Row> rows = Read(Topic::kCoverage);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].key, absl::StrCat("partition|", Raw(), "|", partition, "|gap|", from));
  EXPECT_EQ(rows[0].partition, partition);
  EXPECT_NE(rows[0].value.find(absl::StrCat("\"from\":", from, ",\"to\":", from + 5)),
            std::string::npos)
      << rows[0].value;
  EXPECT_EQ(workers.metrics.Sum("picket_input_gaps_total"), 1);
}

}  // namespace
}  // namespace picket::kafka
