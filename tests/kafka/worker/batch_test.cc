// Tests when a batch ends and which messages the worker rejects.

#include "kafka/worker/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Tests of the size of a batch.

TEST_F(WorkerLoopTest, AnOversizedTransactionHalvesTheBatchUntilItFits) {
  for (int i = 0; i < 8; ++i) Send(0, "k", "wide");
  a_.Start();
  ASSERT_TRUE(a_.StepUntil([&] { return a_.loop->batch_limit() < 8; }));
  EXPECT_EQ(a_.loop->batch_limit(), 4);
  ASSERT_TRUE(a_.StepUntil([&] { return a_.loop->batch_limit() < 4; }));
  EXPECT_EQ(a_.loop->batch_limit(), 2);
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(Events(0).size(), 8);
  EXPECT_THAT(DeadLetters(0), IsEmpty());
}

TEST_F(WorkerLoopTest, TheBatchGrowsAgainWithEverySuccess) {
  for (int i = 0; i < 3; ++i) Send(0, "k", "wide");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_LT(a_.loop->batch_limit(), 8);
  for (int i = 0; i < 30; ++i) Send(0, "k", "small");
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(a_.loop->batch_limit(), 8);
}

TEST_F(WorkerLoopTest, AFullBatchIsCommittedBeforeAnythingMoreIsPolled) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  for (int i = 0; i < 20; ++i) Send(0, "k", "v");
  const int polls = a_.calls[Call::kPoll];
  int polled_before_begin = -1;
  a_.on_call = [&](Call call) {
    if (call == Call::kBegin && polled_before_begin < 0) {
      polled_before_begin = a_.calls[Call::kPoll] - polls;
    }
  };
  ASSERT_TRUE(a_.StepUntil([&] { return polled_before_begin >= 0; }));
  EXPECT_LE(polled_before_begin, 8);
  EXPECT_EQ(Committed(0), 8);
}

TEST_F(WorkerLoopTest, ABatchIsCommittedAfterTheIntervalHoweverSmallItIs) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  Send(1, "k", "v");
  const int64_t sent = clock_.micros();
  ASSERT_TRUE(Finish(a_));
  EXPECT_LE(clock_.micros() - sent,
            2 * absl::ToInt64Microseconds(a_.options.kafka.commit_interval));
}

// Tests of oversized and crashing messages.

TEST_F(WorkerLoopTest, AMessageWithATooLargeEventIsRejectedAloneAndTheOthersAreProcessed) {
  Send(0, "k", "a");
  Send(0, "k", "big");
  Send(0, "k", "b");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
  EXPECT_THAT(DeadLetters(0), ElementsAre("1 oversized"));
}

TEST_F(WorkerLoopTest, AMessageThatTheBrokerRefusesIsFoundByHalvingAndRejected) {
  for (const char* value : {"a", "b", "refused", "c"}) Send(0, "k", value);
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b", "k → 3 0 c"));
  EXPECT_THAT(DeadLetters(0), ElementsAre("2 oversized"));
}

TEST_F(WorkerLoopTest, AMessageWithATooLargeStateRowIsFoundByHalvingAndRejected) {
  for (const char* value : {"a", "huge", "c"}) Send(0, "k", value);
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 c"));
  EXPECT_THAT(DeadLetters(0), ElementsAre("1 oversized"));
}

TEST_F(WorkerLoopTest, EveryStartIsRecordedBeforeTheFirstMessageIsProcessed) {
  Send(0, "k", "crash");
  for (int start = 1; start <= 2; ++start) {
    a_.Start();
    EXPECT_THROW(Finish(a_), SimulatedCrash);
    a_.Kill();
    EXPECT_EQ(ParseOffsetMark(Mark(0)).attempts, start);
    EXPECT_EQ(Committed(0), 0);
  }
}

TEST_F(WorkerLoopTest, TheThirdStartTriesTheMessagesInAChildAndRejectsTheOneThatCrashes) {
  for (const char* value : {"a", "crash", "b"}) Send(0, "k", value);
  for (int start = 1; start <= 2; ++start) {
    a_.Start();
    EXPECT_THROW(Finish(a_), SimulatedCrash);
    a_.Kill();
  }
  EXPECT_EQ(a_.trials, 0);
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(a_.trials, 2) << "one finds the message, one finds no other";
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
  EXPECT_THAT(DeadLetters(0), ElementsAre("1 crashed"));
}

TEST_F(WorkerLoopTest, TheTrialFindsAMessageBehindManyAbortedOnes) {
  model_.InitProducer("upstream", false);
  const int64_t aborted = model_.Begin("upstream", clock_.micros());
  for (int i = 0; i < 20; ++i) model_.Append(aborted, Topic::kRaw, 0, {.key = "k", .value = "x"});
  model_.End(aborted, false);
  Send(0, "k", "crash");
  for (int start = 1; start <= 2; ++start) {
    a_.Start();
    EXPECT_THROW(Finish(a_), SimulatedCrash);
    a_.Kill();
  }
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(DeadLetters(0), ElementsAre("21 crashed"));
}

TEST_F(WorkerLoopTest, KillsAccuseNoMessage) {
  for (const char* value : {"a", "b"}) Send(0, "k", value);
  for (int start = 1; start <= 4; ++start) {
    a_.Start();
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kBatchOpen));
    a_.Kill();
  }
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
  EXPECT_THAT(DeadLetters(0), IsEmpty());
}

// After the first message, only the marker of the upstream transaction is left, so the later starts
// have no message to process.
TEST_F(WorkerLoopTest, StartsAtATrailingMarkerAreNotTakenForCrashes) {
  model_.InitProducer("upstream", false);
  const int64_t transaction = model_.Begin("upstream", clock_.micros());
  model_.Append(transaction, Topic::kRaw, 0, {.key = "k", .value = "a"});
  a_.Start();
  model_.End(transaction, true);
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 1; }));
  for (int start = 1; start <= 5; ++start) {
    a_.loop->Stop();
    a_.loop.reset();
    a_.Start();
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
    ASSERT_TRUE(a_.StepUntil([&] { return IsProcessed(0); })) << "the marker is not committed";
    EXPECT_EQ(ParseOffsetMark(Mark(0)).attempts, 0) << "start " << start;
  }
  Send(0, "k", "b");
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(a_.trials, 0);
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
}

// The killed processes have recorded attempts, although the partition contains only an aborted
// message and a marker.
TEST_F(WorkerLoopTest, AttemptsAtATrailingMarkerBeginNoTrial) {
  model_.InitProducer("upstream", false);
  const int64_t transaction = model_.Begin("upstream", clock_.micros());
  model_.Append(transaction, Topic::kRaw, 0, {.key = "k", .value = "x"});
  model_.End(transaction, false);
  a_.on_call = [&](Call call) {
    if (call == Call::kPoll && a_.loop != nullptr && a_.loop->activity() == WorkerActivity::kIdle) {
      throw std::runtime_error("killed");
    }
  };
  for (int start = 1; start <= 3; ++start) {
    a_.Start();
    EXPECT_THROW(a_.StepUntil([&] { return IsProcessed(0); }), std::runtime_error);
    a_.Kill();
    EXPECT_EQ(ParseOffsetMark(Mark(0)).attempts, start);
  }
  a_.on_call = [](Call) {};
  a_.Start();
  ASSERT_TRUE(a_.StepUntil([&] { return IsProcessed(0); }));
  EXPECT_EQ(ParseOffsetMark(Mark(0)).attempts, 0);
  Send(0, "k", "a");
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(a_.trials, 0);
}

TEST_F(WorkerLoopTest, ACommitResetsTheCountOfStarts) {
  Send(0, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(ParseOffsetMark(Mark(0)).attempts, 0);
}

}  // namespace
}  // namespace picket::kafka
