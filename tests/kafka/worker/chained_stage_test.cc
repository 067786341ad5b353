// Tests a worker with several changelogs and with two stages in one transaction.

#include "kafka/worker/chained_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/kafka/worker/worker_loop_fixture.h"

namespace picket::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

// Counts the events of each partition. The count is the stage's state, and the topic `state` is its
// changelog.
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
