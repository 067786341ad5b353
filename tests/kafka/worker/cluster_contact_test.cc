// Tests what a worker reports about its cluster, which is each reason for /readyz, the return to
// ready without traffic, and the lag.

#include "kafka/worker/cluster_contact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReadinessTest : public WorkerLoopTest {
 protected:
  void StartIdle(CountingOptions options = {}) {
    a_.board.Set(0, "starting");
    a_.Start(std::move(options));
    ASSERT_TRUE(a_.StepUntil([&] { return a_.reason() == "ready"; }));
  }
  // Steps the worker for this time, whatever it reports.
  void Run(absl::Duration duration) {
    const int64_t until = clock_.micros() + absl::ToInt64Microseconds(duration);
    while (clock_.micros() < until) ASSERT_TRUE(a_.loop->Step().ok());
  }
  // Runs long enough for a reason to be found or cleared without any traffic.
  std::string ReasonLater() {
    Run(absl::Seconds(15));
    return a_.reason();
  }
};

TEST_F(ReadinessTest, APartitionThatCannotBeReadIsAReasonUntilItCanBeReadAgain) {
  StartIdle();
  a_.fake.unreadable = {1};
  EXPECT_EQ(ReasonLater(), "partition 1 of raw cannot be read: authorization failed");
  a_.fake.unreadable.clear();
  EXPECT_EQ(ReasonLater(), "ready") << "without traffic";
}

TEST_F(ReadinessTest, AShortErrorOfAPartitionIsNoReason) {
  StartIdle();
  a_.fake.unreadable = {1};
  Run(absl::Seconds(1));
  a_.fake.unreadable.clear();
  for (int i = 0; i < 100; ++i) {
    Run(absl::Milliseconds(100));
    EXPECT_EQ(a_.reason(), "ready");
  }
}

TEST_F(ReadinessTest, AnErrorOfTheWholeTopicConcernsEveryPartition) {
  StartIdle();
  a_.fake.poll_errors[-1] = "unknown topic";
  Run(absl::Seconds(1));
  a_.fake.unreadable = {0, 1};
  Run(absl::Seconds(4));
  EXPECT_THAT(a_.reason(), StartsWith("partition 0 of raw cannot be read: "));
}

TEST_F(ReadinessTest, AMessageShowsThatAPartitionCanBeReadAgain) {
  StartIdle();
  a_.fake.unreadable = {0};
  Run(absl::Seconds(5));
  a_.fake.unreadable.clear();
  Send(0, "k", "v");
  Run(absl::Seconds(1));
  EXPECT_EQ(a_.reason(), "ready");
}

TEST_F(ReadinessTest, AnInputWithoutATopicOrALeaderIsAReasonAlsoWithoutPartitions) {
  for (const bool consumes_input : {true, false}) {
    CountingOptions options;
    options.consumes_input = consumes_input;
    if (!consumes_input) options.input = Topic::kLedger;
    StartIdle(options);
    a_.lasting_failures[Call::kQueryRanges] = Failure::kError;
    EXPECT_EQ(ReasonLater(), "worker 0 gets no answer about its input: no answer");
    a_.lasting_failures.clear();
    EXPECT_EQ(ReasonLater(), "ready");
    a_.loop->Stop();
  }
}

TEST_F(ReadinessTest, SilentBrokersAreNoticedWithoutTraffic) {
  StartIdle();
  a_.fake.is_broker_silent = true;
  EXPECT_THAT(ReasonLater(), HasSubstr("gets no answer about its input"));
  a_.fake.is_broker_silent = false;
  EXPECT_EQ(ReasonLater(), "ready");
}

TEST_F(ReadinessTest, ASlowConnectionIsNoReasonAndDelaysNoInput) {
  StartIdle();
  a_.fake.range_delay = absl::Milliseconds(700);
  for (int i = 0; i < 300; ++i) {
    Run(absl::Milliseconds(100));
    ASSERT_EQ(a_.reason(), "ready");
    Send(0, "k", "v");
    const int64_t sent = clock_.micros();
    ASSERT_TRUE(Finish(a_));
    ASSERT_LT(clock_.micros() - sent, kSecond / 2) << "the input waited for the query";
  }
  EXPECT_GT(a_.calls[Call::kQueryRanges], 5);
}

TEST_F(ReadinessTest, AWorkerThatCanReadSomePartitionIsReady) {
  StartIdle();
  for (const int32_t partition : {0, 1}) {
    a_.fake.without_leader = {partition};
    for (int i = 0; i < 300; ++i) {
      Run(absl::Milliseconds(100));
      ASSERT_EQ(a_.reason(), "ready");
    }
  }
  a_.fake.without_leader = {0, 1};
  EXPECT_EQ(ReasonLater(), "worker 0 gets no answer about its input: no answer");
  a_.fake.without_leader = {0};
  EXPECT_EQ(ReasonLater(), "ready");
}

TEST_F(ReadinessTest, OneBrokerOfSeveralThatRefusesTheClientIsNoReason) {
  StartIdle();
  a_.fake.without_leader = {1};
  for (int i = 0; i < 300; ++i) {
    if (i % 10 == 0) {
      a_.fake.client_error =
          ClientError{ClientError::Kind::kUnreachable, "_SSL", "certificate verify failed"};
    }
    Run(absl::Milliseconds(100));
    ASSERT_EQ(a_.reason(), "ready");
  }
}

TEST_F(ReadinessTest, BrokersThatAllRefuseTheClientAreAReasonUntilOneAcceptsIt) {
  StartIdle();
  a_.fake.client_error =
      ClientError{ClientError::Kind::kUnreachable, "_SSL", "certificate verify failed"};
  a_.fake.without_leader = {0, 1};
  EXPECT_EQ(ReasonLater(), "broker unreachable: 127.0.0.1:9092: certificate verify failed");
  a_.fake.without_leader = {0};
  EXPECT_EQ(ReasonLater(), "ready");
}

TEST_F(ReadinessTest, AConsumerThatEndsDuringAQueryLeavesNoQueryBehind) {
  StartIdle();
  a_.fake.range_delay = absl::Milliseconds(700);
  for (int i = 0; i < 20; ++i) {
    const int queries = a_.calls[Call::kQueryRanges];
    ASSERT_TRUE(a_.StepUntil([&] { return a_.calls[Call::kQueryRanges] > queries; }));
    a_.failures[Call::kPoll] = {Failure::kFatal};
    Run(absl::Seconds(10));
    ASSERT_EQ(a_.reason(), "ready");
  }
}

TEST_F(ReadinessTest, TransactionsThatAllFailAreAReasonUntilOneIsCommitted) {
  for (const Call call : {Call::kFlush, Call::kSendOffsets, Call::kCommit}) {
    StartIdle();
    a_.lasting_failures[call] = Failure::kMustAbort;
    Send(0, "k", "v");
    EXPECT_EQ(ReasonLater(), "the transactions of worker 0 fail: simulated");
    a_.lasting_failures.clear();
    EXPECT_EQ(ReasonLater(), "ready") << "the batch is repeated without new input";
    EXPECT_TRUE(IsProcessed(0));
    a_.loop->Stop();
  }
}

TEST_F(ReadinessTest, AProducerThatIsRefusedIsAReasonWithItsCause) {
  a_.lasting_failures[Call::kInit] = Failure::kError;
  a_.Start();
  EXPECT_EQ(ReasonLater(), "worker 0 waits for its producer: simulated");
  a_.lasting_failures.clear();
  EXPECT_EQ(ReasonLater(), "ready");
}

TEST_F(ReadinessTest, AGroupThatRefusesTheWorkerIsAReasonWithItsCause) {
  model_.Join("other", clock_.micros());  // a member that never joins the rebalance
  a_.fake.client_error = ClientError{ClientError::Kind::kOther, "GROUP_AUTHORIZATION_FAILED",
                                     "JoinGroup failed: Group authorization failed"};
  a_.Start();
  Run(absl::Seconds(1));
  EXPECT_EQ(a_.reason(),
            "worker 0 waits for its partitions: 127.0.0.1:9092: JoinGroup failed: Group "
            "authorization failed");
}

TEST_F(ReadinessTest, AnErrorOfTheGroupIsAReasonAlsoWithoutPartitions) {
  model_.Join("other", clock_.micros());  // a member that never joins the rebalance
  a_.fake.poll_errors[-1] = "refused";
  a_.Start();
  Run(absl::Seconds(1));
  EXPECT_EQ(a_.reason(), "worker 0 waits for its partitions: simulated");
}

TEST_F(ReadinessTest, ACoordinatorThatIsSilentIsAReasonForAStageWithoutInput) {
  StartIdle({.input = Topic::kLedger, .consumes_input = false});
  a_.fake.coordinator_silent_since = clock_.micros();
  EXPECT_EQ(ReasonLater(), "the group's coordinator does not answer worker 0");
  a_.fake.coordinator_silent_since = -1;
  EXPECT_EQ(ReasonLater(), "ready");
}

TEST_F(ReadinessTest, ARestoreIsCountedFromTheBeginningOfTheLog) {
  LogModel::Entry row;
  row.key = "k";
  row.value = "1";
  for (int i = 0; i < 200; ++i) model_.Append(0, Topic::kSeen, 0, row);
  model_.log(Topic::kSeen, 0).begin = 100;
  a_.Start();
  // The fake reads 20 rows in each step.
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kReading));
  std::vector<std::string> reasons;
  ASSERT_TRUE(a_.StepUntil([&] {
    if (reasons.empty() || reasons.back() != a_.reason()) reasons.push_back(a_.reason());
    return a_.reason() == "ready";
  }));
  EXPECT_THAT(reasons, testing::Contains("restoring partition 0: 20 %"));
  EXPECT_THAT(reasons, testing::Contains("restoring partition 0: 80 %"));
}

// Tests of the lag.

class LagTest : public ReadinessTest {
 protected:
  double Lag(int32_t partition) {
    Run(absl::Seconds(2));
    return metrics_.Sum("picket_input_lag_messages", LabelsOf(partition));
  }
  static MetricLabels LabelsOf(int32_t partition) {
    return {{"stage", "toy"}, {"partition", absl::StrCat(partition)}};
  }
  bool HasSeries(int32_t partition) {
    return metrics_.Render().find(absl::StrCat("picket_input_lag_messages{partition=\"", partition,
                                               "\"")) != std::string::npos;
  }
  // Sends messages in a transaction, which adds a marker to the log.
  void SendTransaction(int32_t partition, int messages, bool commit = true) {
    model_.InitProducer("sender", false);
    const int64_t transaction = model_.Begin("sender", clock_.micros());
    for (int i = 0; i < messages; ++i) {
      LogModel::Entry entry;
      entry.key = "k";
      entry.value = "v";
      model_.Append(transaction, Topic::kRaw, partition, entry);
    }
    model_.End(transaction, commit);
  }
};

TEST_F(LagTest, MarkersAndAbortedMessagesAreNoLag) {
  StartIdle();
  SendTransaction(0, 3);
  SendTransaction(1, 2, /*commit=*/false);
  EXPECT_EQ(Lag(0), 0);
  EXPECT_EQ(Lag(1), 0);
}

TEST_F(LagTest, OneMessageThatIsNotConsumedIsALagOfOne) {
  StartIdle();
  SendTransaction(0, 3);
  EXPECT_EQ(Lag(0), 0);
  a_.fake.visible_end[0] = model_.log(Topic::kRaw, 0).end();
  Send(0, "k", "v");
  EXPECT_EQ(Lag(0), 1);
  a_.fake.visible_end.clear();
  EXPECT_EQ(Lag(0), 0);
}

TEST_F(LagTest, TheSeriesOfAPartitionThatWasGivenAwayDisappears) {
  StartIdle();
  EXPECT_EQ(Lag(0), 0);
  EXPECT_TRUE(HasSeries(0) && HasSeries(1)) << metrics_.Render();
  a_.loop->Stop();
  EXPECT_FALSE(HasSeries(0) || HasSeries(1)) << metrics_.Render();
}

TEST_F(LagTest, AMessageWhoseTransactionFailsIsNotConsumed) {
  StartIdle();
  a_.lasting_failures[Call::kFlush] = Failure::kMustAbort;
  Send(0, "k", "v");
  EXPECT_EQ(Lag(0), 1);
}

TEST_F(LagTest, TheNextCommitCoversTheMarkersBeforeIt) {
  StartIdle();
  SendTransaction(0, 3);
  ASSERT_TRUE(a_.StepUntil([&] { return Committed(0) >= 3; }));
  Run(absl::Seconds(1));
  EXPECT_LE(model_.log(Topic::kRaw, 0).end() - Committed(0), 1) << "one marker at most";
  Send(0, "k", "v");
  ASSERT_TRUE(a_.StepUntil([&] { return IsProcessed(0); }));
}

TEST_F(LagTest, AnIdleWorkerMakesNoTransactions) {
  StartIdle();
  SendTransaction(0, 3);
  Run(absl::Seconds(5));
  const int begun = a_.calls[Call::kBegin];
  Run(absl::Seconds(60));
  EXPECT_EQ(a_.calls[Call::kBegin], begun);
}

TEST_F(LagTest, TheGroupOfAStageWithoutInputFollowsTheRowsThatItWrites) {
  StartIdle({.input = Topic::kLedger,
             .consumes_input = false,
             .changelog = Topic::kLedger,
             .pieces = 20});
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 20; }));
  Run(absl::Seconds(1));
  EXPECT_EQ(Committed(0), model_.log(Topic::kLedger, 0).end());
}

TEST_F(LagTest, AnAbortedTransactionDoesNotMoveTheOffsetOfAStageWithoutInput) {
  a_.failures[Call::kCommit] = {Failure::kNone, Failure::kMustAbort, Failure::kCommitLost,
                                Failure::kCommitNotAnswered};
  a_.Start({.input = Topic::kLedger,
            .consumes_input = false,
            .changelog = Topic::kLedger,
            .pieces = 20});
  ASSERT_TRUE(a_.StepUntil([&] {
    EXPECT_LE(Committed(0), model_.log(Topic::kLedger, 0).end());
    return Events(0).size() == 20;
  }));
  Run(absl::Seconds(1));
  EXPECT_EQ(Committed(0), model_.log(Topic::kLedger, 0).end());
}

}  // namespace
}  // namespace picket::kafka
