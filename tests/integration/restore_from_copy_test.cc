// Tests that a stage with a copy of its state reads the changelog only from the last row of the
// copy onwards. If the copy belongs to another log, the stage must read all rows.

#include "tests/integration/toy_kafka.h"

namespace picket::kafka {
namespace {

class RestoreFromCopyTest : public ToyKafka {
 protected:
  // Starts a worker, then sends and processes some messages. Returns the number of changelog rows
  // that the worker read at its start.
  int RunOnce() {
    RunningWorkers workers(Options("a"), &copies_);
    Send(20);
    EXPECT_TRUE(WaitForEvents(sent()));
    EXPECT_TRUE(workers.Stop().ok());
    return workers.switches.restored_rows;
  }
  int RowsOnTheTopic() const { return static_cast<int>(Read(Topic::kSeen).size()); }

  std::map<int32_t, ToyCopy> copies_;
};

TEST_F(RestoreFromCopyTest, TheStartReadsOnlyTheRowThatProvesTheCopy) {
  EXPECT_EQ(RunOnce(), 0);
  ASSERT_FALSE(copies_.empty());
  EXPECT_EQ(RunOnce(), static_cast<int>(copies_.size()));
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(RestoreFromCopyTest, RowsAfterAnOlderCopyAreRead) {
  RunOnce();
  const std::map<int32_t, ToyCopy> older = copies_;
  const int before = RowsOnTheTopic();
  RunOnce();
  const int after = RowsOnTheTopic() - before;
  ASSERT_GT(after, 0);
  copies_ = older;
  EXPECT_EQ(RunOnce(), after + static_cast<int>(older.size()));
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(RestoreFromCopyTest, ACopyOfAnotherLogIsThrownAwayAndEverythingIsRead) {
  RunOnce();
  ASSERT_FALSE(copies_.empty());
  const int rows = RowsOnTheTopic();
  for (auto& [partition, copy] : copies_) {
    copy.value = "of another log";
    copy.counts.clear();
  }
  EXPECT_GE(RunOnce(), rows);
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(RestoreFromCopyTest, ACopyBeyondTheLogsEndIsThrownAway) {
  RunOnce();
  ASSERT_FALSE(copies_.empty());
  const int rows = RowsOnTheTopic();
  for (auto& [partition, copy] : copies_) {
    copy.offset += 1'000'000;
    copy.counts.clear();
  }
  EXPECT_EQ(RunOnce(), rows);
  EXPECT_TRUE(EveryMessageOnce());
}

}  // namespace
}  // namespace picket::kafka
