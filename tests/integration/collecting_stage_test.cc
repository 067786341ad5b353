// Tests a stage whose work does not come from its input topic. The consumer group only decides
// which worker owns a partition.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/mutex.h"
#include "kafka/group_consumer.h"
#include "tests/integration/toy_kafka.h"

namespace picket::kafka {
namespace {

// Work that several collecting stages share, just as fetchers share tenants. The work consists of
// keys. Each key must be stored exactly once.
class Work {
 public:
  explicit Work(int keys) : keys_(keys) {}
  int keys() const { return keys_; }
  std::atomic<int> restored{0};

 private:
  const int keys_;
};

// Considers all keys that belong to the stage's partitions. If the ledger does not contain a key,
// the stage writes a `raw` row and a `ledger` row for this key. Each call of Collect writes only a
// few rows.
class CollectingStage final : public Stage {
 public:
  explicit CollectingStage(Work* work) : work_(*work) {}

  const StageSpec& spec() const override {
    static const StageSpec& spec =
        *new StageSpec{"collect", Topic::kLedger, false, {Topic::kLedger}};
    return spec;
  }
  void BeginRestore(int32_t partition) override { stored_[partition].clear(); }
  void RestoreRow(const Message& row) override {
    ++work_.restored;
    stored_[row.partition].insert(std::string(row.key));
  }
  void EndRestore(int32_t partition) override { live_.insert(partition); }
  void Suspend(int32_t partition) override { live_.erase(partition); }
  void Resume(int32_t partition) override { live_.insert(partition); }
  void Release(int32_t partition) override {
    live_.erase(partition);
    stored_.erase(partition);
  }
  void Collect(size_t, OutputBatch& out) override {
    int left = 5;
    for (int k = 0; k < work_.keys() && left > 0; ++k) {
      const std::string key = absl::StrCat("key-", k);
      const int32_t partition = PartitionOf(key, 4);
      if (live_.count(partition) == 0 || stored_[partition].count(key) > 0) continue;
      out.Add(Topic::kRaw, partition, key, "[]");
      out.Add(Topic::kLedger, partition, key, "stored");
      out.Touch(partition);
      open_.emplace_back(partition, key);
      --left;
    }
  }
  void Commit() override {
    for (auto& [partition, key] : open_) stored_[partition].insert(std::move(key));
    open_.clear();
  }
  void Abort() override { open_.clear(); }

 private:
  Work& work_;
  std::set<int32_t> live_;
  std::map<int32_t, std::set<std::string>> stored_;
  std::vector<std::pair<int32_t, std::string>> open_;
};

class CollectingStageTest : public ToyKafka {
 protected:
  testing::AssertionResult EachKeyOnce(const Work& work) const {
    std::map<std::string, int> rows;
    for (const Row& row : Read(Topic::kRaw)) ++rows[row.key];
    for (const auto& [key, count] : rows) {
      if (count != 1) return testing::AssertionFailure() << key << " came " << count << " times";
    }
    if (static_cast<int>(rows.size()) != work.keys()) {
      return testing::AssertionFailure() << rows.size() << " keys of " << work.keys();
    }
    return testing::AssertionSuccess();
  }

  class Running {
   public:
    Running(
        WorkerOptions options, Work& work,
        InterferingClients::Interfere interfere =
            [](TransactionCall) { return Interference::kNone; })
        : cluster_(options.kafka, options.topics),
          clients_(cluster_, std::move(interfere)),
          workers_(
              std::move(options), [&work](int) { return std::make_unique<CollectingStage>(&work); },
              metrics, clients_, clock_),
          thread_([this](std::stop_token stop) { EXPECT_TRUE(workers_.Run(stop).ok()); }) {}
    Readiness ReadinessNow() const { return workers_.ReadinessNow(); }
    Metrics metrics;

   private:
    LibrdkafkaClients cluster_;
    InterferingClients clients_;
    SystemClock clock_;
    Workers workers_;
    std::jthread thread_;
  };
};

TEST_F(CollectingStageTest, MembersThatComeAndGoStoreEveryPieceOnce) {
  Work work(100);
  {
    Running a(Options("a"), work);
    ASSERT_TRUE(WaitFor([&] { return Read(Topic::kRaw).size() >= 20; }));
    Running b(Options("b"), work);
    ASSERT_TRUE(WaitFor([&] { return Read(Topic::kRaw).size() >= 60; }));
  }
  Running a(Options("a"), work);
  ASSERT_TRUE(WaitFor([&] { return Read(Topic::kRaw).size() >= 100; }));
  EXPECT_TRUE(EachKeyOnce(work));
  EXPECT_GT(work.restored, 0);
}

// Kafka's tools and alerts compare the committed offsets of every group with the ends of its topic.
TEST_F(CollectingStageTest, TheGroupHasNoLagAfterItsOwnRows) {
  Work work(100);
  Running a(Options("a"), work);
  ASSERT_TRUE(WaitFor([&] { return Read(Topic::kRaw).size() >= 100; }));
  absl::StatusOr<Conf> conf = UncommittedConf(kafka_, GroupId(topics_.prefix, "collect"));
  ASSERT_TRUE(conf.ok());
  const absl::StatusOr<Handle> handle = MakeHandle(RD_KAFKA_CONSUMER, *std::move(conf));
  ASSERT_TRUE(handle.ok());
  const std::string ledger = TopicName(topics_.prefix, Topic::kLedger);
  EXPECT_TRUE(WaitFor([&] {
    for (int32_t partition = 0; partition < kPartitions; ++partition) {
      const PartitionList list = MakePartitionList(1);
      rd_kafka_topic_partition_list_add(list.get(), ledger.c_str(), partition);
      const auto committed = ReadCommitted(handle->get(), list.get(), absl::Seconds(5));
      const auto range = QueryOffsetRanges(handle->get(), ledger, {partition}, absl::Seconds(5));
      if (!committed.ok() || !range.ok()) return false;
      if (committed->front().offset.value_or(0) != range->front().end) return false;
    }
    return true;
  }));
}

TEST_F(CollectingStageTest, AnAbortedOrUnansweredTransactionIsCollectedAgain) {
  for (const Interference how :
       {Interference::kAbort, Interference::kLoseAnswer, Interference::kLoseRequest}) {
    SetUp();  // creates new topics
    Work work(60);
    int commits = 0;
    Running a(Options("a"), work, [&](TransactionCall call) {
      return call == TransactionCall::kCommit && ++commits % 3 == 2 ? how : Interference::kNone;
    });
    ASSERT_TRUE(WaitFor([&] { return Read(Topic::kRaw).size() >= 60; }));
    EXPECT_TRUE(EachKeyOnce(work)) << static_cast<int>(how);
  }
}

}  // namespace
}  // namespace picket::kafka
