// Messages that cannot be processed, and input that is gone.

#include "absl/strings/str_cat.h"
#include "tests/integration/toy_kafka.h"
#include "tests/integration/toy_process.h"

namespace picket::kafka {
namespace {

class PoisonTest : public ToyKafka {
 protected:
  std::string Raw() const { return TopicName(topics_.prefix, Topic::kRaw); }
};

TEST_F(PoisonTest, AMessageTooLargeToProduceBecomesADeadLetterAndItsNeighboursGoOn) {
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
  EXPECT_EQ(workers.metrics.Sum("picket_rejected_messages_total"), 2);
}

TEST_F(PoisonTest, AMessageThatEndsTheProcessBecomesADeadLetterAndItsNeighboursGoOn) {
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
  EXPECT_EQ(starts, 2);  // the third start knows
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

}  // namespace
}  // namespace picket::kafka
