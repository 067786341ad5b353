// Tests how a worker joins its group, shares partitions and reports its state.

#include "kafka/worker/worker_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Tests of a consumer that fails. rejoin_test.cc tests fences.

TEST_F(WorkerLoopTest, AFatalErrorOfTheConsumerLeadsToANewOne) {
  Send(0, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  a_.failures[Call::kPoll] = {Failure::kFatal};
  Send(0, "k", "b");
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(a_.calls[Call::kMakeConsumer], 2);
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
}

// Tests of rebalances.

class RebalanceTest : public WorkerLoopTest,
                      public testing::WithParamInterface<std::pair<WorkerActivity, bool>> {};

TEST_P(RebalanceTest, LeavesTopicsAndStateExact) {
  const auto [activity, is_lost] = GetParam();
  for (const char* value : {"a", "b", "c"}) Send(0, "k", value);
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  a_.loop->Stop();
  a_.loop.reset();
  for (const char* value : {"d", "e"}) Send(0, "k", value);
  switch (activity) {
    case WorkerActivity::kBarrier:
      a_.failures[Call::kCommitted] = {Failure::kNoAnswer};
      break;
    case WorkerActivity::kEnds:
      a_.failures[Call::kQueryEnds] = {Failure::kNoAnswer};
      break;
    case WorkerActivity::kQueued:
      a_.failures[Call::kMakeReader] = {Failure::kError};
      break;
    case WorkerActivity::kReading:
      a_.failures[Call::kReadChangelog] = {Failure::kError};
      break;
    case WorkerActivity::kReady:
      a_.failures[Call::kCommit] = {Failure::kMustAbort};
      break;
    case WorkerActivity::kUndecided:
      a_.failures[Call::kCommit] = {Failure::kNone, Failure::kCommitDelayed};
      a_.failures[Call::kInit] = {Failure::kNone, Failure::kNoAnswer};
      break;
    case WorkerActivity::kRecovering:
      a_.failures[Call::kFlush] = {Failure::kNone, Failure::kFatal};
      a_.failures[Call::kInit] = {Failure::kNone, Failure::kNoAnswer};
      break;
    default:
      break;
  }
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(activity));
  if (is_lost) {
    model_.Leave(MemberName("", "toy", "a", 0));
  } else {
    model_.StartRebalance(clock_.micros());
  }
  ASSERT_TRUE(Finish(a_));
  Send(0, "k", "f");
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b", "k → 3 0 c", "k → 4 0 d",
                                     "k → 5 0 e", "k → 6 0 f"));
}

std::vector<std::pair<WorkerActivity, bool>> EveryRebalance() {
  std::vector<std::pair<WorkerActivity, bool>> all;
  for (const WorkerActivity activity :
       {WorkerActivity::kBarrier, WorkerActivity::kEnds, WorkerActivity::kQueued,
        WorkerActivity::kReading, WorkerActivity::kReady, WorkerActivity::kBatchOpen,
        WorkerActivity::kIdle, WorkerActivity::kUndecided, WorkerActivity::kRecovering}) {
    for (const bool is_lost : {false, true}) all.emplace_back(activity, is_lost);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(InEveryActivity, RebalanceTest, testing::ValuesIn(EveryRebalance()));

TEST_F(WorkerLoopTest, ARevokeCommitsWhatIsComplete) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  Send(0, "k", "a");
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kBatchOpen));
  model_.StartRebalance(clock_.micros());
  ASSERT_TRUE(a_.StepUntil([&] { return Committed(0) == 1; }));
}

TEST_F(WorkerLoopTest, AStopCommitsWhatIsComplete) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  Send(0, "k", "a");
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kBatchOpen));
  a_.loop->Stop();
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a"));
}

TEST_F(WorkerLoopTest, APartitionThatComesBackUnchangedIsNotReadAgain) {
  Send(0, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  Rebalance(a_);
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  EXPECT_EQ(a_.stage->resumed, 2);
  EXPECT_EQ(a_.stage->restored_rows, 0);
  EXPECT_EQ(a_.calls[Call::kMakeReader], 0);
}

TEST_F(WorkerLoopTest, APartitionThatComesBackChangedIsReadAgain) {
  Send(0, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  model_.StartRebalance(clock_.micros());
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kJoining));
  LogModel::Entry row;
  row.key = "other";
  row.value = "7";
  model_.Append(0, Topic::kSeen, 0, row);
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  Send(0, "other", "b");
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(Events(0).back(), "other → 8 0 b");
}

// A stage without input may commit the same offset again, and its changelog may end at the same
// offset as before. So only the metadata of the offset shows that another owner has committed.
TEST_F(WorkerLoopTest, AStageWithoutInputReadsItsStateAgainIfAnotherOwnerHasCommitted) {
  a_.Start({.input = Topic::kLedger, .consumes_input = false, .pieces = 2});
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 2 && Events(1).size() == 2; }));
  model_.StartRebalance(clock_.micros());
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kJoining));
  const std::string name = MemberName("", "toy", "a", 0);
  model_.InitProducer("other", false);
  const int64_t other = model_.Begin("other", clock_.micros());
  ASSERT_TRUE(model_.SendOffsets(other, {{0, {0, FormatOffsetMark({"other-1", 0})}}},
                                 model_.FindMember(name)->id, model_.generation()));
  model_.End(other, true);
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  EXPECT_EQ(a_.stage->resumed, 1) << "partition 1";
  EXPECT_GT(a_.stage->restored_rows, 0);
}

TEST_F(WorkerLoopTest, ParkedStateIsDroppedAfterAMinute) {
  Send(0, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  // Another member takes over partition 1.
  auto b = MakeProcess("b");
  b->Start();
  const auto both = [&](const std::function<bool()>& condition) {
    for (int i = 0; i < 200 && !condition(); ++i) {
      ASSERT_TRUE(a_.loop->Step().ok() && b->loop->Step().ok());
    }
    EXPECT_TRUE(condition());
  };
  both([&] {
    return a_.loop->activity() == WorkerActivity::kIdle &&
           b->loop->activity() == WorkerActivity::kIdle && !model_.is_rebalancing();
  });
  EXPECT_EQ(a_.stage->Total(1), 0) << "parked";
  clock_.Advance(61 * kSecond);
  ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_THROW(a_.stage->Total(1), std::out_of_range);
}

// Tests of readiness.

TEST_F(WorkerLoopTest, ReadinessNamesWhatTheWorkerWaitsFor) {
  EXPECT_EQ(a_.reason(), "starting");
  a_.failures[Call::kInit] = {Failure::kNoAnswer};
  a_.Start();
  ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_EQ(a_.reason(), "worker 0 waits for its partitions");
  ASSERT_TRUE(a_.StepUntil([&] { return a_.reason() == "worker 0 waits for its producer"; }));
  ASSERT_TRUE(a_.StepUntil([&] { return a_.reason() == "ready"; }));
  EXPECT_TRUE(a_.board.At(clock_.MonotonicNow()).ready);
}

TEST_F(WorkerLoopTest, ReadinessReportsAnUnreachableBrokerUntilItAnswersAgain) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  a_.fake.client_error =
      ClientError{ClientError::Kind::kAllBrokersDown, "_ALL_BROKERS_DOWN", "2/2 are down"};
  a_.fake.is_broker_silent = true;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_EQ(a_.reason(), "broker unreachable: 127.0.0.1:9092: 2/2 are down");
  a_.fake.is_broker_silent = false;
  EXPECT_TRUE(a_.StepUntil([&] { return a_.reason() == "ready"; }));
}

TEST_F(WorkerLoopTest, OneLostConnectionIsNotAnUnreachableBroker) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  a_.fake.client_error = ClientError{ClientError::Kind::kDisconnected, "_TRANSPORT", "reset"};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_EQ(a_.reason(), "ready");
}

TEST(DescribeProgressTest, CountsFromWhereTheRestoreBegins) {
  Partition partition;
  partition.number = 7;
  partition.phase = PartitionPhase::kReading;
  partition.changelogs = {{.begin = 1000, .next = 1062, .end = 1100}};
  EXPECT_EQ(DescribeProgress(partition), "restoring partition 7: 62 %");
  partition.changelogs.push_back({.begin = 0, .next = 0, .end = 100});
  EXPECT_EQ(DescribeProgress(partition), "restoring partition 7: 31 %");
  partition.changelogs.back().is_done = true;
  EXPECT_EQ(DescribeProgress(partition), "restoring partition 7: 81 %");
  partition.phase = PartitionPhase::kQueued;
  EXPECT_EQ(DescribeProgress(partition), "restoring partition 7");
}

// Tests of a stage without input.

TEST_F(WorkerLoopTest, AStageWithoutInputIsToldWhenTheCoordinatorIsSilent) {
  a_.Start({.input = Topic::kLedger, .consumes_input = false, .pieces = 0});
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  EXPECT_TRUE(a_.stage->is_in_contact);
  a_.fake.coordinator_silent_since = clock_.micros();
  const int64_t silent_since = clock_.micros();
  ASSERT_TRUE(a_.StepUntil([&] { return !a_.stage->is_in_contact; }));
  EXPECT_GE(clock_.micros() - silent_since, kSecond);
  EXPECT_LT(clock_.micros() - silent_since, 2 * kSecond) << "before the session ends";
  a_.fake.coordinator_silent_since = -1;
  EXPECT_TRUE(a_.StepUntil([&] { return a_.stage->is_in_contact; }));
}

TEST_F(WorkerLoopTest, AnAbortedPieceOfWorkIsCollectedAgain) {
  a_.failures[Call::kFlush] = {Failure::kMustAbort};
  a_.Start({.input = Topic::kLedger, .consumes_input = false, .pieces = 2});
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 2 && Events(1).size() == 2; }));
  EXPECT_THAT(Events(0), ElementsAre("piece → 1", "piece → 2"));
}

// Tests of the time of day.

TEST_F(WorkerLoopTest, AStepOfTheTimeOfDayStopsNothing) {
  a_.Start({.input = Topic::kLedger, .consumes_input = false, .pieces = 3});
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 1; }));
  clock_.StepTimeOfDay(-3600 * kSecond);
  const int64_t stepped = clock_.micros();
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 3; }));
  EXPECT_LT(clock_.micros() - stepped, 2 * kSecond);
}

}  // namespace
}  // namespace picket::kafka
