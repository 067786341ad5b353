// Tests how a worker returns to its group after its membership has ended.

#include "kafka/worker/rejoin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RejoinTest : public WorkerLoopTest {
 protected:
  // Sends the heartbeats of both processes and applies the session timeout, like the broker.
  void Tick() {
    for (TestProcess* const process : {&a_, b_.get()}) {
      if (process == nullptr || process->loop == nullptr || process->fake.member == 0) continue;
      model_.Heartbeat(kName, process->fake.member, clock_.micros());
    }
    model_.Tick(clock_.micros(), false);
  }
  // Steps a process with the broker's timeouts until `condition` holds. Returns the status of the
  // process if it ends.
  absl::Status StepFor(TestProcess& process, absl::Duration limit,
                       const std::function<bool()>& condition) {
    const int64_t until = clock_.micros() + absl::ToInt64Microseconds(limit);
    while (clock_.micros() < until && !condition()) {
      Tick();
      if (const absl::Status status = process.loop->Step(); !status.ok()) return status;
    }
    return condition() ? absl::OkStatus() : absl::DeadlineExceededError("condition");
  }
  bool IsIdle(TestProcess& process) { return process.loop->activity() == WorkerActivity::kIdle; }

  const std::string kName = MemberName("", "toy", "a", 0);
  std::unique_ptr<TestProcess> b_;  // a second process of the same name
};

// librdkafka issue 3437: after its session has ended, the client's own late heartbeat fences it.
// No error callback comes before.
TEST_F(RejoinTest, AWorkerThatFencesItselfAfterAStallJoinsAgainEveryTime) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(100 * kSecond);  // far from the start and from any earlier fence
    model_.Heartbeat(kName, a_.fake.member, clock_.micros());
    Send(0, "k", "v");
    model_.Leave(kName);
    a_.failures[Call::kRejoin] = {Failure::kFenced};
    const int joins = a_.calls[Call::kMakeConsumer];
    ASSERT_TRUE(StepFor(a_, absl::Seconds(10),
                        [&] { return a_.calls[Call::kMakeConsumer] > joins && IsProcessed(0); })
                    .ok())
        << i;
  }
  EXPECT_EQ(Events(0).size(), 10);
}

TEST_F(RejoinTest, TenFencesInARowAreSurvivedWithGrowingWaits) {
  Send(0, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  a_.failures[Call::kPoll] = std::deque<Failure>(10, Failure::kFenced);
  const int64_t began = clock_.micros();
  ASSERT_TRUE(StepFor(a_, absl::Minutes(2), [&] {
                return a_.failures[Call::kPoll].empty() && IsIdle(a_);
              }).ok());
  EXPECT_GT(clock_.micros() - began, 10 * kSecond) << "without waits";
  Send(0, "k", "b");
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
}

// The client does not report that the partitions of a fenced member are lost. The worker must give
// them up nevertheless, because another member may get them.
TEST_F(RejoinTest, AFencedWorkerGivesUpItsPartitionsAndItsOpenBatch) {
  Send(0, "k", "a");
  Send(1, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  Send(0, "k", "b");
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kBatchOpen));
  a_.failures[Call::kPoll] = {Failure::kFenced};
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kJoining));
  EXPECT_FALSE(a_.stage->HasState(0));
  EXPECT_FALSE(a_.stage->HasState(1));
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
  EXPECT_THAT(Events(1), ElementsAre("k → 1 0 a"));
}

// A stage without input works for the partitions whose state it has, so it must not keep the state
// of a partition that it does not get back.
TEST_F(RejoinTest, AFencedWorkerThatGetsFewerPartitionsBackContinuesWithThose) {
  CountingOptions stage;
  stage.consumes_input = false;
  stage.pieces = 1'000'000;
  a_.Start(stage);
  ASSERT_TRUE(StepFor(a_, absl::Seconds(10), [&] {
                return Events(0).size() > 3 && Events(1).size() > 3;
              }).ok());
  a_.failures[Call::kPoll] = {Failure::kFenced};
  ASSERT_TRUE(StepFor(a_, absl::Seconds(10), [&] {
                return a_.loop->activity() == WorkerActivity::kJoining;
              }).ok());
  b_ = MakeProcess("b");
  b_->Start(stage);
  const std::string name_of_b = MemberName("", "toy", "b", 0);
  const auto step_both = [&](const std::function<bool()>& condition) {
    for (int i = 0; i < 3000 && !condition(); ++i) {
      model_.Heartbeat(name_of_b, b_->fake.member, clock_.micros());
      Tick();
      if (!a_.loop->Step().ok() || !b_->loop->Step().ok()) return false;
    }
    return condition();
  };
  ASSERT_TRUE(step_both([&] { return a_.stage->LivePartitions() == 1; }));
  const size_t first = Events(0).size();
  const size_t second = Events(1).size();
  EXPECT_TRUE(step_both([&] {
    return Events(0).size() > first + 5 && Events(1).size() > second + 5;
  })) << Events(0).size() - first
      << " and " << Events(1).size() - second;
  EXPECT_EQ(a_.stage->LivePartitions(), 1u);
  EXPECT_EQ(b_->stage->LivePartitions(), 1u);
}

TEST_F(RejoinTest, APersistentFatalErrorIsRetriedAtABoundedRate) {
  a_.Start();
  a_.lasting_failures[Call::kPoll] = Failure::kFatal;
  const int64_t began = clock_.micros();
  while (clock_.micros() - began < 60 * kSecond) ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_LT(a_.calls[Call::kMakeConsumer], 40);
  EXPECT_THAT(a_.reason(), HasSubstr("joins its group again after: simulated"));
  a_.lasting_failures.clear();
  EXPECT_TRUE(StepFor(a_, absl::Seconds(10), [&] { return a_.reason() == "ready"; }).ok());
}

TEST_F(RejoinTest, ThePredecessorsLateJoinDelaysTheWorkerOnlyForAShortTime) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  Send(0, "k", "a");
  ASSERT_TRUE(Finish(a_));
  model_.Join(kName, clock_.micros());
  Send(0, "k", "b");
  ASSERT_TRUE(StepFor(a_, absl::Seconds(15), [&] { return IsProcessed(0); }).ok());
  EXPECT_THAT(Events(0), ElementsAre("k → 1 0 a", "k → 2 0 b"));
}

// The parameter of both tests is the state of an elder that has just ended.
enum class Ended { kStopped, kKilled };
class EndedElderTest : public RejoinTest, public testing::WithParamInterface<Ended> {};

TEST_P(EndedElderTest, TheNewcomerTakesOverWheneverTheElderEnds) {
  for (int tenths = 0; tenths <= 80; tenths += 5) {
    a_.Start();
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
    clock_.Advance(kSecond);
    b_ = MakeProcess("a");
    b_->Start();
    ASSERT_TRUE(StepFor(*b_, absl::Seconds(10), [&] { return IsIdle(*b_); }).ok());
    ASSERT_TRUE(StepFor(a_, absl::Seconds(20),
                        [&] {  // it notices the fence, and joins again
                          return a_.loop->activity() == WorkerActivity::kJoining;
                        })
                    .ok());
    const int64_t fenced = clock_.micros();
    while (clock_.micros() - fenced < tenths * kSecond / 10) {
      Tick();
      ASSERT_TRUE(a_.loop->Step().ok());
      ASSERT_TRUE(b_->loop->Step().ok());
    }
    if (GetParam() == Ended::kStopped) a_.loop->Stop();
    a_.fake.is_dead = GetParam() == Ended::kKilled;
    a_.loop.reset();
    a_.fake.is_dead = false;
    a_.fake.member = 0;
    Send(0, "k", "v");
    EXPECT_EQ(StepFor(*b_, absl::Seconds(40), [&] { return IsProcessed(0); }), absl::OkStatus())
        << tenths;
    b_->loop->Stop();
    b_.reset();
    model_.Leave(kName);
  }
}

INSTANTIATE_TEST_SUITE_P(BothWays, EndedElderTest,
                         testing::Values(Ended::kStopped, Ended::kKilled));

class TwoProcessesTest : public RejoinTest, public testing::WithParamInterface<bool> {};

// The parameter decides which of the two processes joins last and so fences the other.
TEST_P(TwoProcessesTest, ExactlyTheNewcomerEndsAndNamesTheOtherHost) {
  const bool elder_joins_last = GetParam();
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  clock_.Advance(kSecond);
  b_ = MakeProcess("a");
  b_->Start();
  if (elder_joins_last) {
    ASSERT_TRUE(StepFor(*b_, absl::Seconds(10), [&] { return IsIdle(*b_); }).ok());
    model_.Leave(kName);  // the elder joins again as if after a lost session
    ASSERT_TRUE(a_.loop->Step().ok());
  }
  absl::Status ended;
  const int64_t began = clock_.micros();
  while (ended.ok() && clock_.micros() - began < 120 * kSecond) {
    Tick();
    ASSERT_TRUE(a_.loop->Step().ok()) << "the elder ended";
    ended = b_->loop->Step();
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(ended)) << ended;
  EXPECT_THAT(
      std::string(ended.message()),
      HasSubstr("another process uses instance name 'a' for stage toy (host " + HostOf(a_.id)));
  b_->loop.reset();
  Send(0, "k", "v");
  EXPECT_TRUE(StepFor(a_, absl::Seconds(10), [&] { return IsProcessed(0); }).ok());
}

INSTANTIATE_TEST_SUITE_P(BothOrders, TwoProcessesTest, testing::Bool());

TEST_F(RejoinTest, ReadinessNamesTheOtherProcessWhileTheWorkerWaits) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  const ProcessId elder{a_.id.started_micros - 1, 99};
  model_.Join(kName, clock_.micros());
  model_.TakePart(kName, elder);
  EXPECT_TRUE(a_.StepUntil([&] {
    return a_.reason().find("worker 0: another process uses its name: host " + HostOf(elder)) == 0;
  })) << a_.reason();
}

TEST_F(RejoinTest, ACoordinatorThatDoesNotAnswerDelaysTheJoinButDoesNotEndTheWorker) {
  for (const Failure how : {Failure::kNoAnswer, Failure::kError}) {
    a_.Start();
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
    a_.lasting_failures[Call::kRollCall] = how;
    a_.failures[Call::kPoll] = {Failure::kFenced};
    const int questions = a_.calls[Call::kRollCall];
    ASSERT_TRUE(StepFor(a_, absl::Seconds(20), [&] {
                  return a_.failures[Call::kPoll].empty() && IsIdle(a_);
                }).ok());
    EXPECT_LT(a_.calls[Call::kRollCall] - questions, 15);
    a_.lasting_failures.clear();
    a_.loop->Stop();
  }
}

TEST_F(RejoinTest, AStopOutsideTheGroupEndsTheWorker) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  model_.Join(kName, clock_.micros());
  model_.TakePart(kName, {a_.id.started_micros - 1, 99});
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kJoining));
  a_.loop->Stop();
  EXPECT_EQ(a_.loop->activity(), WorkerActivity::kStopping);
}

TEST_F(RejoinTest, ANameThatIsTooLongForKafkaIsRefusedAtTheStart) {
  a_.options.topics.prefix = std::string(200, 'p');
  a_.options.kafka.instance = std::string(100, 'i');
  CountingOptions options;
  WorkerLoop loop(a_.options, 0, std::make_unique<CountingStage>(options),
                  WorkerEnvironment{a_.clients, clock_, nullptr, {}, 1}, worker_metrics_, a_.board,
                  nullptr);
  const absl::Status status = loop.Start();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("shorten topics.prefix or kafka.instance"));
}

}  // namespace
}  // namespace picket::kafka
