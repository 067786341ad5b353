// Tests gaps in the input and the restore of state.

#include "kafka/worker/partition_starter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Tests of gaps.

TEST_F(WorkerLoopTest, InputDeletedBeforeTheStartBecomesAGapRow) {
  for (int i = 0; i < 5; ++i) Send(0, "k", "v");
  model_.log(Topic::kRaw, 0).begin = 3;
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(GapRows(0), ElementsAre(HasSubstr("\"from\":0,\"to\":3")));
  EXPECT_EQ(Events(0).size(), 2);
}

TEST_F(WorkerLoopTest, InputDeletedWhileRunningBecomesAGapRow) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  for (int i = 0; i < 5; ++i) Send(0, "k", "v");
  model_.log(Topic::kRaw, 0).begin = 2;
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(GapRows(0), ElementsAre(HasSubstr("\"from\":0,\"to\":2")));
  EXPECT_EQ(Events(0).size(), 3);
}

TEST_F(WorkerLoopTest, AGapIsRecordedAfterAnAbortEvenIfNoInputFollows) {
  for (int i = 0; i < 5; ++i) Send(0, "k", "v");
  model_.log(Topic::kRaw, 0).begin = 5;
  a_.failures[Call::kCommit] = {Failure::kMustAbort, Failure::kMustAbort};
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(GapRows(0).size(), 1);
}

TEST_F(WorkerLoopTest, TheGapAfterAnAbortIncludesWhatTheBatchHadReadBeforeItWasDeleted) {
  for (int i = 0; i < 6; ++i) Send(0, "k", "v");
  a_.fake.visible_end[0] = 2;
  a_.Start();
  a_.failures[Call::kCommit] = {Failure::kNone, Failure::kMustAbort};
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kBatchOpen));
  // Two of the deleted messages are in the batch, and two are unread.
  model_.log(Topic::kRaw, 0).begin = 4;
  a_.fake.visible_end.clear();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(GapRows(0), ElementsAre(HasSubstr("\"from\":0,\"to\":4")));
  EXPECT_EQ(Events(0).size(), 2);
}

TEST_F(WorkerLoopTest, TwoGapsInOneBatchBecomeTwoRows) {
  for (int i = 0; i < 8; ++i) Send(0, "k", "v");
  model_.log(Topic::kRaw, 0).begin = 2;
  a_.fake.visible_end[0] = 4;
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kBatchOpen));
  model_.log(Topic::kRaw, 0).begin = 6;
  a_.fake.visible_end.clear();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(GapRows(0),
              ElementsAre(HasSubstr("\"from\":0,\"to\":2"), HasSubstr("\"from\":4,\"to\":6")));
  EXPECT_EQ(Events(0).size(), 4);
}

// Tests of restores.

TEST_F(WorkerLoopTest, ANewOwnerContinuesWithTheStateOfTheOldOne) {
  for (const char* value : {"a", "b"}) Send(0, "k", value);
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  a_.Kill();
  model_.Leave(MemberName("", "toy", "a", 0));
  auto b = MakeProcess("b");
  b->Start();
  Send(0, "k", "c");
  ASSERT_TRUE(Finish(*b));
  EXPECT_EQ(Events(0).back(), "k → 3 0 c");
  EXPECT_GT(b->stage->restored_rows, 0);
}

TEST_F(WorkerLoopTest, WithALocalCopyOnlyTheRowThatProvesItIsRead) {
  CountingDisk disk;
  Send(0, "k", "a");
  a_.Start({.disk = &disk});
  ASSERT_TRUE(Finish(a_));
  a_.Kill();
  a_.Start({.disk = &disk});
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  EXPECT_EQ(a_.stage->restored_rows, 1);
  EXPECT_EQ(a_.stage->discarded_copies, 0);
}

TEST_F(WorkerLoopTest, ACopyThatDoesNotBelongToTheLogIsDiscardedAndEverythingIsRead) {
  CountingDisk disk;
  for (const char* key : {"k", "l", "m"}) {
    Send(0, key, "a");
    a_.Start({.disk = &disk});
    ASSERT_TRUE(Finish(a_));
    a_.Kill();
  }
  disk.copies[0].value = "of another log";
  disk.copies[0].counts["k"] = 99;
  a_.Start({.disk = &disk});
  Send(0, "k", "b");
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(a_.stage->discarded_copies, 1);
  EXPECT_EQ(Events(0).back(), "k → 2 0 b");
}

TEST_F(WorkerLoopTest, ARestoreWaitsForAnOpenTransactionBeforeTheEndOfTheChangelog) {
  model_.InitProducer("hung", false);
  const int64_t hung = model_.Begin("hung", clock_.micros());
  LogModel::Entry row;
  row.key = "foreign";
  row.value = "1";
  model_.Append(hung, Topic::kSeen, 0, row);
  row.key = "k";
  row.value = "5";
  model_.Append(0, Topic::kSeen, 0, row);
  a_.Start();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_EQ(a_.loop->activity(), WorkerActivity::kReading);
  model_.End(hung, false);
  Send(0, "k", "a");
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 6 0 a"));
}

TEST_F(WorkerLoopTest, AStartWaitsForTheOpenTransactionOfAFormerOwner) {
  Send(0, "k", "a");
  auto zombie = MakeProcess("zombie");
  zombie->Start();
  int64_t committed_by_heir = -1;
  zombie->on_call = [&](Call call) {
    if (call != Call::kCommit || zombie->calls[Call::kCommit] != 2) return;
    // The zombie has sent its offsets, but has not committed them. Now it loses its partitions.
    model_.Leave(MemberName("", "toy", "zombie", 0));
    a_.Start();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(a_.loop->Step().ok());
    EXPECT_EQ(a_.loop->activity(), WorkerActivity::kBarrier);
    EXPECT_EQ(a_.reason(), "restoring partition 0: waiting for its former owner's transaction");
    committed_by_heir = Committed(0);
  };
  ASSERT_TRUE(zombie->StepUntil([&] { return Committed(0) == 1; }));
  EXPECT_EQ(committed_by_heir, 0);
  Send(0, "k", "b");
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
}

}  // namespace
}  // namespace picket::kafka
