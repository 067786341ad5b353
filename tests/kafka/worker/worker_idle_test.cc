// Tests that a worker with nothing to do, or whose cluster refuses everything at once, waits
// instead of looping.

#include <gtest/gtest.h>

#include <string>

#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

struct IdleState {
  const char* name;
  bool consumes_input;
  std::map<Call, Failure> failures;
  bool is_broker_silent = false;
  bool has_partitions = true;
  bool has_input = false;
};

std::ostream& operator<<(std::ostream& out, const IdleState& state) {
  return out << state.name << (state.consumes_input ? "" : ", stage without input");
}

std::vector<IdleState> EveryState() {
  const std::vector<IdleState> states = {
      {"nothing to do", true, {}},
      {"no partitions", true, {}, false, false},
      {"brokers silent", true, {}, true},
      {"brokers silent, no partitions", true, {}, true, false},
      {"producer cannot be created", true, {{Call::kMakeProducer, Failure::kError}}},
      {"producer cannot be initialised", true, {{Call::kInit, Failure::kError}}},
      {"group refused", true, {{Call::kPoll, Failure::kFatal}}},
      {"fenced, and the coordinator refuses the question",
       true,
       {{Call::kPoll, Failure::kFenced}, {Call::kRollCall, Failure::kError}}},
      {"offsets refused", true, {{Call::kCommitted, Failure::kError}}},
      {"input refused", true, {{Call::kQueryRanges, Failure::kError}}},
      {"changelog refused", true, {{Call::kQueryEnds, Failure::kError}}},
      {"changelog reader cannot be created", true, {{Call::kMakeReader, Failure::kError}}},
      {"changelog reader cannot be started", true, {{Call::kStartReader, Failure::kError}}},
      {"begin fails", true, {{Call::kBegin, Failure::kMustAbort}}, false, true, true},
      {"output refused", true, {{Call::kFlush, Failure::kMustAbort}}, false, true, true},
      {"offsets of the transaction refused",
       true,
       {{Call::kSendOffsets, Failure::kMustAbort}},
       false,
       true,
       true},
      {"commit refused", true, {{Call::kCommit, Failure::kMustAbort}}, false, true, true},
      {"producer fails in each transaction",
       true,
       {{Call::kFlush, Failure::kFatal}},
       false,
       true,
       true},
      {"abort fails too",
       true,
       {{Call::kFlush, Failure::kMustAbort}, {Call::kAbort, Failure::kFatal}},
       false,
       true,
       true},
  };
  std::vector<IdleState> all;
  for (const IdleState& state : states) {
    all.push_back(state);
    all.back().consumes_input = false;
    all.push_back(state);
  }
  return all;
}

class WorkerIdleTest : public WorkerLoopTest, public testing::WithParamInterface<IdleState> {};

TEST_P(WorkerIdleTest, TheLoopTurnsAtMostFortyTimesASecond) {
  const IdleState& state = GetParam();
  CountingOptions options;
  if (!state.consumes_input) {
    options.input = Topic::kLedger;
    options.consumes_input = false;
    options.pieces = state.has_input ? 1'000'000 : 0;
  }
  a_.options.kafka.commit_interval = absl::Milliseconds(100);  // the default
  // A start reads the changelog only if it contains rows.
  LogModel::Entry row;
  row.key = "k";
  row.value = "1";
  model_.Append(0, Topic::kSeen, 0, row);
  if (!state.has_partitions) {
    // Other members own both partitions.
    for (const char* other : {"0", "1"}) model_.Join(other, clock_.micros());
  }
  a_.Start(options);
  for (const char* other : {"0", "1"}) {
    if (!state.has_partitions) model_.JoinRebalance(other);
  }
  if (state.has_input) {
    ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
    for (int i = 0; i < 1000; ++i) Send(0, "k", "v");
  } else {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(a_.loop->Step().ok());
  }
  a_.lasting_failures = state.failures;
  a_.fake.is_broker_silent = state.is_broker_silent;

  // Lets the back-offs reach their limits.
  int64_t began = clock_.micros();
  while (clock_.micros() - began < 20 * kSecond) ASSERT_TRUE(a_.loop->Step().ok());
  constexpr int64_t kSeconds = 20;
  a_.calls.clear();
  int turns = 0;
  began = clock_.micros();
  while (clock_.micros() - began < kSeconds * kSecond) {
    ASSERT_TRUE(a_.loop->Step().ok());
    ++turns;
  }
  EXPECT_LE(turns, 40 * kSeconds);
  int calls = 0;
  for (const auto& [call, count] : a_.calls) calls += count;
  EXPECT_LE(calls, 100 * kSeconds);
}

INSTANTIATE_TEST_SUITE_P(InEveryState, WorkerIdleTest, testing::ValuesIn(EveryState()));

// The waits do not delay work. A worker that has waited for a long time processes a message as soon
// as the message arrives.
TEST_F(WorkerLoopTest, AMessageAfterALongIdleTimeIsCommittedWithinTheCommitInterval) {
  a_.options.kafka.commit_interval = absl::Milliseconds(100);
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(a_.loop->Step().ok());
  const int64_t sent = clock_.micros();
  Send(0, "k", "v");
  ASSERT_TRUE(Finish(a_));
  EXPECT_LE(clock_.micros() - sent, kSecond / 4) << "one poll and one commit interval";
}

TEST_F(WorkerLoopTest, WorkOfAStageWithoutInputIsCollectedWithinTheCommitInterval) {
  a_.options.kafka.commit_interval = absl::Milliseconds(100);
  a_.Start({.input = Topic::kLedger, .consumes_input = false, .pieces = 10});
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 1; }));
  const int64_t first = clock_.micros();
  ASSERT_TRUE(a_.StepUntil([&] { return Events(0).size() == 10; }));
  EXPECT_LE(clock_.micros() - first, 9 * kSecond / 8);
}

// The worker repeats the first aborted transaction at once, and waits only after further aborts.
TEST_F(WorkerLoopTest, TheFirstAbortIsRepeatedWithoutAWait) {
  a_.options.kafka.commit_interval = absl::Milliseconds(100);
  a_.Start();
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  a_.failures[Call::kFlush] = {Failure::kMustAbort};
  const int64_t sent = clock_.micros();
  Send(0, "k", "v");
  ASSERT_TRUE(Finish(a_));
  EXPECT_LE(clock_.micros() - sent, kSecond / 2);
}

}  // namespace
}  // namespace picket::kafka
