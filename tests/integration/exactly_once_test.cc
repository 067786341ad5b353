// Tests exactly-once processing on a real Kafka, both without errors and with a failure of each
// call of a transaction.

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/toy_kafka.h"

namespace picket::kafka {
namespace {

using ExactlyOnceTest = ToyKafka;

TEST_F(ExactlyOnceTest, EveryMessageComesOutOnceAndInOrder) {
  Send(50);
  RunningWorkers workers(Options("a", 2));
  ASSERT_TRUE(WaitForEvents(sent()));
  Send(50);
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_TRUE(workers.WaitUntilReady());
  EXPECT_TRUE(workers.Stop().ok());
  EXPECT_TRUE(EveryMessageOnce());
  EXPECT_EQ(workers.metrics.Sum("picket_messages_in_total"), sent());
}

TEST_F(ExactlyOnceTest, ACleanRestartContinuesWithTheStateAndWaitsForNoTimeout) {
  Send(20);
  {
    RunningWorkers workers(Options("a", 2));
    ASSERT_TRUE(WaitForEvents(sent()));
    EXPECT_TRUE(workers.Stop().ok());
  }
  Send(20);
  const absl::Time restarted = absl::Now();
  RunningWorkers workers(Options("a", 2));
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_LT(absl::Now() - restarted, kafka_.session_timeout);
  EXPECT_TRUE(workers.Stop().ok());
  EXPECT_TRUE(EveryMessageOnce());
  EXPECT_GT(workers.switches.restored_rows, 0);
  EXPECT_EQ(workers.metrics.Render().find("outcome=\"aborted\""), std::string::npos);
}

// The client sends the messages of a partition in consecutive requests of at most 8 MiB.
TEST_F(ExactlyOnceTest, ATransactionMayContainMoreForAPartitionThanARequestCan) {
  WorkerOptions options = Options("a");
  options.kafka.batch_bytes = 64 << 20;
  options.kafka.commit_interval = absl::Seconds(5);
  Send(10, 400'000);  // 8 to 16 MB for each partition
  RunningWorkers workers(options);
  EXPECT_TRUE(WaitFor([&] { return workers.metrics.Sum("picket_messages_in_total") >= sent(); }));
  EXPECT_TRUE(workers.Stop().ok());
  EXPECT_TRUE(EveryMessageOnce());
  EXPECT_EQ(workers.metrics.Render().find("outcome=\"aborted\""), std::string::npos);
  // There is one transaction at the start, and one or two transactions for all sent messages.
  EXPECT_LE(workers.metrics.Sum("picket_transactions_total"), 3);
}

// Makes the same call fail in three different transactions.
class InterferenceTest
    : public ToyKafka,
      public testing::WithParamInterface<std::pair<TransactionCall, Interference>> {};

TEST_P(InterferenceTest, LeavesStateAndOutputExact) {
  const auto [call, interference] = GetParam();
  std::atomic<int> seen{0};
  std::atomic<int> done{0};
  WorkerOptions options = Options("a");
  options.kafka.batch_messages = 50;
  const auto interfere = [&, bad_call = call, how = interference](TransactionCall at) {
    if (at != bad_call || ++seen % 3 != 2 || done >= 3) return Interference::kNone;
    ++done;
    return how;
  };
  Send(100);
  RunningWorkers workers(options, nullptr, interfere);
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_TRUE(workers.Stop().ok());
  EXPECT_EQ(done, 3);
  EXPECT_TRUE(EveryMessageOnce());
  EXPECT_EQ(workers.metrics.Sum("picket_messages_in_total"), sent());
}

INSTANTIATE_TEST_SUITE_P(
    EachCall, InterferenceTest,
    testing::Values(std::pair{TransactionCall::kBegin, Interference::kAbort},
                    std::pair{TransactionCall::kProduce, Interference::kAbort},
                    std::pair{TransactionCall::kFlush, Interference::kAbort},
                    std::pair{TransactionCall::kSendOffsets, Interference::kAbort},
                    std::pair{TransactionCall::kCommit, Interference::kAbort},
                    std::pair{TransactionCall::kCommit, Interference::kLoseAnswer},
                    std::pair{TransactionCall::kCommit, Interference::kLoseRequest}));

}  // namespace
}  // namespace picket::kafka
