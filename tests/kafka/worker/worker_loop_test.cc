// Tests the decisions of a worker one by one, on a model of Kafka with a clock that only the test
// moves.

#include "kafka/worker/worker_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kafka/client_config.h"
#include "kafka/worker/chained_stage.h"
#include "tests/kafka/worker/counting_stage.h"
#include "tests/kafka/worker/fake_clients.h"
#include "tests/kafka/worker/log_model.h"

namespace picket::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000;

// A process with one worker. Tests may run several processes on one model.
class TestProcess {
 public:
  TestProcess(LogModel& model, SimulatedClock& clock, WorkerMetrics& metrics,
              const std::string& instance)
      : clients(model, clock, fake, [this](Call call) { return Decide(call); }),
        clock_(clock),
        metrics_(metrics) {
    options.kafka.instance = instance;
    options.kafka.batch_messages = 8;
    // The interval is longer than the idle poll, so that a batch is open between two steps.
    options.kafka.commit_interval = absl::Milliseconds(300);
    options.kafka.session_timeout = absl::Seconds(2);
    options.kafka.transaction_timeout = absl::Seconds(3);
    options.topics.prefix = "";
  }

  void Start(CountingOptions stage_options = {}) {
    auto made = std::make_unique<CountingStage>(std::move(stage_options));
    stage = made.get();
    Start(std::move(made));
  }
  void Start(std::unique_ptr<Stage> made) {
    fake.is_dead = false;
    const CrashFinder find_crash = [this](size_t count, absl::Duration,
                                          const std::function<void(size_t)>& step) {
      ++trials;
      std::optional<size_t> crashed;
      const CountingStage::State state = stage->Save();
      for (size_t i = 0; i < count && !crashed.has_value(); ++i) {
        try {
          step(i);
        } catch (const SimulatedCrash&) {
          crashed = i;
        }
      }
      stage->Restore(state);
      return crashed;
    };
    loop = std::make_unique<WorkerLoop>(options, 0, std::move(made),
                                        WorkerEnvironment{clients, clock_, find_crash, 1}, metrics_,
                                        board, nullptr);
    ASSERT_TRUE(loop->Start().ok());
  }
  // Kills the process without a clean shutdown, like SIGKILL.
  void Kill() {
    fake.is_dead = true;
    loop.reset();
  }
  // Steps until `condition` is true. Returns false if it never became true.
  bool StepUntil(const std::function<bool()>& condition) {
    for (int i = 0; i < 300; ++i) {
      if (condition()) return true;
      if (!loop->Step().ok()) return condition();
    }
    return condition();
  }
  bool StepUntilActivity(WorkerActivity activity) {
    return StepUntil([&] { return loop->activity() == activity; });
  }
  std::string reason() const { return board.Now().reason; }

  WorkerOptions options;
  FakeProcess fake;
  FakeClients clients;
  std::map<Call, std::deque<Failure>> failures;  // failures of the next calls
  std::map<Call, int> calls;
  std::function<void(Call)> on_call = [](Call) {};
  WorkerReadiness board{1};
  CountingStage* stage = nullptr;
  std::unique_ptr<WorkerLoop> loop;
  int trials = 0;

 private:
  Failure Decide(Call call) {
    ++calls[call];
    on_call(call);
    std::deque<Failure>& next = failures[call];
    if (next.empty()) return Failure::kNone;
    const Failure failure = next.front();
    next.pop_front();
    return failure;
  }

  SimulatedClock& clock_;
  WorkerMetrics& metrics_;
};

class WorkerLoopTest : public testing::Test {
 protected:
  void Send(int32_t partition, const std::string& key, const std::string& value) {
    LogModel::Entry entry;
    entry.key = key;
    entry.value = value;
    model_.Append(0, Topic::kRaw, partition, entry);
  }
  // Returns the committed events as "key → value".
  std::vector<std::string> Events(int32_t partition, Topic topic = Topic::kEvents) {
    std::vector<std::string> events;
    for (const auto& [offset, entry] : model_.Committed(topic, partition)) {
      events.push_back(absl::StrCat(entry->key, " → ", entry->value));
    }
    return events;
  }
  std::vector<std::string> DeadLetters(int32_t partition) {
    std::vector<std::string> letters;
    for (const auto& [offset, entry] : model_.Committed(Topic::kDeadLetters, partition)) {
      std::map<std::string, std::string> headers(entry->headers.begin(), entry->headers.end());
      letters.push_back(
          absl::StrCat(headers["dead-letter-offset"], " ", headers["dead-letter-reason"]));
    }
    return letters;
  }
  std::vector<std::string> GapRows(int32_t partition) {
    std::vector<std::string> rows;
    for (const auto& [offset, entry] : model_.Committed(Topic::kCoverage, partition)) {
      rows.push_back(entry->value);
    }
    return rows;
  }
  int64_t Committed(int32_t partition) {
    const auto committed = model_.CommittedOffset(partition);
    return committed.has_value() ? committed->offset : -1;
  }
  std::string Mark(int32_t partition) { return model_.CommittedOffset(partition)->metadata; }
  bool IsProcessed(int32_t partition) {
    return std::max<int64_t>(Committed(partition), 0) >= model_.log(Topic::kRaw, partition).end();
  }
  bool Finish(TestProcess& process) {
    return process.StepUntil([&] { return IsProcessed(0) && IsProcessed(1); });
  }
  // Starts a rebalance and steps `process` until the rebalance is complete. The group then assigns
  // all partitions again.
  void Rebalance(TestProcess& process) {
    model_.StartRebalance(clock_.micros());
    ASSERT_TRUE(process.StepUntil([&] { return !model_.is_rebalancing(); }));
  }
  std::unique_ptr<TestProcess> MakeProcess(const std::string& instance) {
    return std::make_unique<TestProcess>(model_, clock_, worker_metrics_, instance);
  }

  SimulatedClock clock_;
  LogModel model_{2, 2 * kSecond, 3 * kSecond};
  Metrics metrics_;
  WorkerMetrics worker_metrics_{metrics_, "toy", Topic::kRaw, ""};
  TestProcess a_{model_, clock_, worker_metrics_, "a"};
};

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

TEST_F(WorkerLoopTest, ACommitResetsTheCountOfStarts) {
  Send(0, "k", "a");
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(ParseOffsetMark(Mark(0)).attempts, 0);
}

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

// Tests of aborts and lost answers.

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

// The new producer is ready at once, and the outcome is known at the first query. So there is no
// poll in between.
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

// Tests of the fencing of a member.

TEST_F(WorkerLoopTest, AWorkerThatIsFencedSoonAfterItsStartJoinsAgainOnce) {
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  a_.failures[Call::kPoll] = {Failure::kFenced};
  ASSERT_TRUE(a_.StepUntil([&] { return a_.calls[Call::kMakeConsumer] == 2; }));
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  a_.failures[Call::kPoll] = {Failure::kFenced};
  absl::Status status;
  for (int i = 0; i < 5 && status.ok(); ++i) status = a_.loop->Step();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("another process uses instance name 'a'"));
}

TEST_F(WorkerLoopTest, AWorkerThatIsFencedAfterALostAnswerJoinsAgainOnceForEach) {
  a_.Start();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
    clock_.Advance(100 * kSecond);
    model_.Heartbeat(MemberName("toy", "a", 0), model_.FindMember(MemberName("toy", "a", 0))->id,
                     clock_.micros());
    a_.fake.client_error = ClientError{ClientError::Kind::kTimedOut, "_TIMED_OUT", "no answer"};
    ASSERT_TRUE(a_.loop->Step().ok());
    a_.failures[Call::kPoll] = {Failure::kFenced};
    ASSERT_TRUE(a_.StepUntil([&] { return a_.calls[Call::kMakeConsumer] == i + 2; }));
  }
}

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
    model_.Leave(MemberName("toy", "a", 0));
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

// A stage without input commits the same offset each time, and its rows may end at the same offset
// as before. So only the mark shows that another owner has committed.
TEST_F(WorkerLoopTest, AStageWithoutInputReadsItsStateAgainIfAnotherOwnerHasCommitted) {
  a_.Start({.input = Topic::kLedger, .consumes_input = false, .pieces = 2});
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 2 && Events(1).size() == 2; }));
  model_.StartRebalance(clock_.micros());
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kJoining));
  const std::string name = MemberName("toy", "a", 0);
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

// Tests of restores.

TEST_F(WorkerLoopTest, ANewOwnerContinuesWithTheStateOfTheOldOne) {
  for (const char* value : {"a", "b"}) Send(0, "k", value);
  a_.Start();
  ASSERT_TRUE(Finish(a_));
  a_.Kill();
  model_.Leave(MemberName("toy", "a", 0));
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
    // The zombie has sent its offsets and now loses its partitions.
    model_.Leave(MemberName("toy", "zombie", 0));
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

// Tests of readiness.

TEST_F(WorkerLoopTest, ReadinessNamesWhatTheWorkerWaitsFor) {
  EXPECT_EQ(a_.reason(), "starting");
  a_.failures[Call::kInit] = {Failure::kNoAnswer};
  a_.Start();
  ASSERT_TRUE(a_.loop->Step().ok());
  EXPECT_EQ(a_.reason(), "worker 0 waits for its partitions");
  ASSERT_TRUE(a_.StepUntil([&] { return a_.reason() == "worker 0 waits for its producer"; }));
  ASSERT_TRUE(a_.StepUntil([&] { return a_.reason() == "ready"; }));
  EXPECT_TRUE(a_.board.Now().ready);
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

// Tests of several changelogs and of two stages in one transaction.

TEST_F(WorkerLoopTest, EveryChangelogIsRestored) {
  for (const char* value : {"a", "b"}) Send(0, "k", value);
  a_.Start({.has_total = true});
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), ElementsAre("k → 1 1 a", "k → 2 2 b"));
  a_.Kill();
  a_.Start({.has_total = true});
  Send(0, "l", "c");
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(Events(0).back(), "l → 1 3 c");
}

// Counts the events of each partition. The state is stored in `state`.
class SecondStage final : public Stage {
 public:
  const StageSpec& spec() const override {
    static const StageSpec& spec = *new StageSpec{"second", Topic::kEvents, true, {Topic::kState}};
    return spec;
  }
  void BeginRestore(int32_t partition) override { counts_[partition] = 0; }
  void RestoreRow(const Message& row) override {
    counts_[row.partition] = std::stoll(std::string(row.value));
  }
  void EndRestore(int32_t) override {}
  void Release(int32_t partition) override { counts_.erase(partition); }
  void Process(const Message& message, OutputBatch& out) override {
    EXPECT_EQ(message.topic, "events");
    const auto open = open_.try_emplace(message.partition, counts_.at(message.partition)).first;
    out.Add(Topic::kAlerts, message.partition, message.key,
            absl::StrCat(++open->second, ". ", std::string(message.value)));
  }
  void Flush(OutputBatch& out) override {
    for (const auto& [partition, count] : open_) {
      out.Add(Topic::kState, partition, "count", absl::StrCat(count));
    }
  }
  void Commit() override {
    for (const auto& [partition, count] : open_) counts_[partition] = count;
    open_.clear();
  }
  void Abort() override { open_.clear(); }

 private:
  std::map<int32_t, int64_t> counts_;
  std::map<int32_t, int64_t> open_;
};

class ChainedStageTest : public WorkerLoopTest {
 protected:
  void StartChain() {
    a_.Start(std::make_unique<ChainedStage>("chain",
                                            std::make_unique<CountingStage>(CountingOptions{}),
                                            std::make_unique<SecondStage>(), ""));
  }
};

TEST_F(ChainedStageTest, TheSecondStageGetsTheOutputsOfTheFirstInTheSameTransaction) {
  for (const char* value : {"a", "b"}) Send(0, "k", value);
  StartChain();
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0), IsEmpty()) << "no hop through the topic";
  EXPECT_THAT(Events(0, Topic::kAlerts), ElementsAre("k → 1. 1 0 a", "k → 2. 2 0 b"));
}

TEST_F(ChainedStageTest, AnAbortAndARestartKeepBothStatesExact) {
  a_.failures[Call::kFlush] = {Failure::kNone, Failure::kMustAbort};
  for (const char* value : {"a", "b"}) Send(0, "k", value);
  StartChain();
  ASSERT_TRUE(Finish(a_));
  a_.Kill();
  StartChain();
  Send(0, "k", "c");
  ASSERT_TRUE(Finish(a_));
  EXPECT_THAT(Events(0, Topic::kAlerts),
              ElementsAre("k → 1. 1 0 a", "k → 2. 2 0 b", "k → 3. 3 0 c"));
}

}  // namespace
}  // namespace picket::kafka
