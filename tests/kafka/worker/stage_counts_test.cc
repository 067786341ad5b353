#include "kafka/worker/stage_counts.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

// A stage that counts what becomes of its input. A message "again" is a duplicate.
class CountedStage final : public CountingStage {
 public:
  explicit CountedStage(Metrics& metrics) : CountingStage({}), counts_(metrics, "toy") {}

  void Process(const Message& message, OutputBatch& out) override {
    counts_.in().Add();
    if (message.value == "again") return counts_.duplicates().Add();
    CountingStage::Process(message, out);
    counts_.out().Add();
  }
  void Reject(const Message& message, std::string_view reason, OutputBatch& out) override {
    counts_.in().Add();
    counts_.dead_letters(reason).Add();
    CountingStage::Reject(message, reason, out);
  }
  void Commit() override {
    CountingStage::Commit();
    counts_.Commit();
  }
  void Abort() override {
    CountingStage::Abort();
    counts_.Abort();
  }

 private:
  StageCounts counts_;
};

class StageCountsTest : public WorkerLoopTest {
 protected:
  double Sum(const char* name, const MetricLabels& labels = {}) const {
    return metrics_.Sum(name, labels);
  }
  void ExpectBalance() const {
    EXPECT_EQ(Sum("picket_records_in_total"),
              Sum("picket_records_out_total") + Sum("picket_duplicates_total") +
                  Sum("picket_dead_letters_total") + Sum("picket_dropped_total"));
  }
};

TEST_F(StageCountsTest, AMessageThatIsRejectedIsCountedOnceAlthoughItsBatchIsRepeated) {
  for (const char* value : {"a", "big", "again", "b"}) Send(0, "k", value);
  a_.failures[Call::kCommit] = {Failure::kNone, Failure::kMustAbort, Failure::kMustAbort};
  a_.Start(std::make_unique<CountedStage>(metrics_));
  ASSERT_TRUE(Finish(a_));
  EXPECT_EQ(Sum("picket_records_in_total", {{"stage", "toy"}}), 4);
  EXPECT_EQ(Sum("picket_records_out_total", {{"stage", "toy"}}), 2);
  EXPECT_EQ(Sum("picket_duplicates_total", {{"stage", "toy"}}), 1);
  EXPECT_EQ(Sum("picket_dead_letters_total", {{"stage", "toy"}, {"reason", "oversized"}}), 1);
  EXPECT_EQ(DeadLetters(0).size(), 1u);
}

// Aborts, lost answers and repeated input change no count. A commit whose answer is lost is counted
// when its outcome is found.
TEST_F(StageCountsTest, WhateverFailsTheCountsAreThoseOfTheTopics) {
  constexpr std::pair<Call, Failure> kFailures[] = {
      {Call::kCommit, Failure::kMustAbort},  {Call::kCommit, Failure::kCommitNotAnswered},
      {Call::kCommit, Failure::kCommitLost}, {Call::kCommit, Failure::kCommitDelayed},
      {Call::kFlush, Failure::kMustAbort},   {Call::kProduce, Failure::kMustAbort},
      {Call::kSendOffsets, Failure::kFatal}, {Call::kBegin, Failure::kFatal},
  };
  a_.Start(std::make_unique<CountedStage>(metrics_));
  std::mt19937 random(11);
  int sent = 0;
  for (int round = 0; round < 60; ++round) {
    for (int32_t partition = 0; partition < 2; ++partition) {
      for (int i = static_cast<int>(random() % 4); i > 0; --i, ++sent) {
        const uint32_t kind = random() % 8;
        Send(partition, absl::StrCat("k", random() % 3),
             kind == 0   ? "again"
             : kind == 1 ? "big"
                         : absl::StrCat("v", sent));
      }
    }
    const auto& [call, failure] = kFailures[random() % std::size(kFailures)];
    a_.failures[call].assign(random() % 3, failure);
    ASSERT_TRUE(Finish(a_)) << "round " << round;
  }
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  EXPECT_GT(Sum("picket_transactions_total", {{"stage", "toy"}, {"outcome", "aborted"}}), 0);
  EXPECT_GT(Sum("picket_transactions_total", {{"stage", "toy"}, {"outcome", "unknown"}}), 0);
  ExpectBalance();
  EXPECT_EQ(Sum("picket_records_in_total"), sent);
  EXPECT_EQ(Sum("picket_records_out_total"), Events(0).size() + Events(1).size());
  EXPECT_EQ(Sum("picket_dead_letters_total"), DeadLetters(0).size() + DeadLetters(1).size());
  EXPECT_EQ(Sum("picket_messages_in_total"), sent);
  EXPECT_GT(Sum("picket_duplicates_total"), 0);
}

TEST_F(StageCountsTest, ReasonsAreCountedSeparately) {
  StageCounts counts(metrics_, "toy");
  counts.in().Add(5);
  counts.dead_letters("a").Add();
  counts.dead_letters("b").Add(2);
  counts.dropped("lost").Add();
  counts.out().Add();
  counts.Commit();
  ExpectBalance();
  EXPECT_EQ(Sum("picket_dead_letters_total", {{"stage", "toy"}, {"reason", "b"}}), 2);
  EXPECT_EQ(Sum("picket_dropped_total", {{"stage", "toy"}, {"reason", "lost"}}), 1);
}

}  // namespace
}  // namespace picket::kafka
