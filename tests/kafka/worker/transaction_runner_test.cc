// Tests what follows a transaction that is aborted or gets no answer.

#include "kafka/worker/transaction_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

using ::testing::ElementsAre;

TEST_F(WorkerLoopTest, AfterAnAbortTheSameMessagesAreProcessedAgain) {
  Send(0, "k", "a");
  Send(1, "k", "b");
  a_.failures[Call::kFlush] = {Failure::kNone, Failure::kMustAbort};
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a"));
  EXPECT_THAT(Events(1), ElementsAre("k → 1 0 b"));
}

class UnansweredCommitTest : public WorkerLoopTest {
 protected:
  // Lets the commit of the first batch fail without an answer.
  void LoseAnswer(Failure how) {
    a_.Start();
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
    Send(0, "k", "a");
    Send(1, "k", "b");
    a_.failures[Call::kCommit] = {how};
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kUndecided));
  }
};

TEST_F(UnansweredCommitTest, ACommitThatWasMadeIsNotRepeated) {
  LoseAnswer(Failure::kCommitNotAnswered);
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  Send(0, "k", "c");
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 c"));
}

TEST_F(UnansweredCommitTest, ACommitThatWasNotMadeIsRepeated) {
  LoseAnswer(Failure::kCommitLost);
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a"));
  EXPECT_THAT(Events(1), ElementsAre("k → 1 0 b"));
}

// The new producer is ready at once, and the first query finds the outcome. So the worker does not
// poll between the lost answer and the outcome.
TEST_F(UnansweredCommitTest, InputIsReadAgainEvenIfTheOutcomeIsKnownAtOnce) {
  LoseAnswer(Failure::kCommitLost);
  a_.failures[Call::kInit].clear();
  ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_NE(a_.loop->activity(), WorkerActivity::kUndecided);
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(Events(0).size(), 1);
}

TEST_F(UnansweredCommitTest, NothingIsProcessedUntilTheOutcomeIsKnown) {
  LoseAnswer(Failure::kCommitLost);
  Send(0, "k", "c");
  a_.failures[Call::kInit] = {Failure::kNoAnswer, Failure::kNoAnswer};
  const int pauses = a_.stage->pauses;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(a_.loop->Step().ok());
    EXPECT_EQ(a_.loop->activity(), WorkerActivity::kUndecided);
    EXPECT_EQ(a_.stage->pauses, pauses) << "rules must not change now";
  }
  EXPECT_EQ(a_.reason(), "worker 0 waits for its producer");
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 c"));
}

TEST_F(UnansweredCommitTest, TheOutcomeIsAskedForUntilThereIsAnAnswer) {
  LoseAnswer(Failure::kCommitNotAnswered);
  a_.failures[Call::kCommitted] = {Failure::kNoAnswer, Failure::kNoAnswer, Failure::kNoAnswer};
  ASSERT_TRUE(a_.StepUntil([&] { return a_.calls[Call::kCommitted] >= 3; }));
  EXPECT_EQ(a_.loop->activity(), WorkerActivity::kUndecided);
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a"));
}

TEST_F(WorkerLoopTest, AFencedProducerIsNotReplacedBeforeTheGroupHadTimeToTell) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  Send(0, "k", "a");
  a_.failures[Call::kSendOffsets] = {Failure::kFenced};
  const int made = a_.calls[Call::kMakeProducer];
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kRecovering));
  const int64_t fenced = clock_.micros();
  ASSERT_TRUE(a_.StepUntil([&] { return a_.calls[Call::kMakeProducer] > made; }));
  EXPECT_GE(clock_.micros() - fenced, kSecond);
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a"));
}

}  // namespace
}  // namespace picket::kafka
