#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "kafka/worker/stage.h"
#include "kafka/worker/stage_counts.h"

namespace picket::kafka {

// A copy of a partition's state, like the copy that a real stage stores on disk. The copy contains
// the state up to and including one row of the changelog.
struct ToyCopy {
  std::map<std::string, int64_t> counts;
  int64_t offset = -1;  // offset of the last included row
  std::string key;
  std::string value;
};

// Data that the toy stages of a test share, and results that the stages report to the test.
struct ToySwitches {
  // The copies of the partitions' state. They outlive the stage. If null, the stage keeps no
  // copies. Only the worker's thread uses the map.
  std::map<int32_t, ToyCopy>* copies = nullptr;
  // If true, a message with the value "crash" ends the process.
  bool crashes = false;
  Metrics* metrics = nullptr;  // for the counts of the stages, null if a test needs none
  std::atomic<int> restored_rows{0};
  std::atomic<int> resumed_partitions{0};
  std::atomic<int> processed{0};
};

// Numbers the messages of each key. The input (key, value) becomes the event (key, "<count>
// <value>"). The changelog `seen` stores the last count of each key. If a row of `seen` is lost, a
// count occurs in two events. If a message is processed twice, its value occurs with two counts.
// The value "big" becomes an event that is larger than a message may be.
class ToyStage final : public Stage {
 public:
  explicit ToyStage(ToySwitches* switches);

  const StageSpec& spec() const override;
  void BeginRestore(int32_t partition) override { counts_[partition].clear(); }
  void RestoreRow(const Message& row) override;
  void EndRestore(int32_t) override {}
  int64_t RestoreFrom(Topic changelog, int32_t partition, int64_t begin, int64_t end) override;
  bool IsRestored(int32_t partition) override;
  void OnChangelogRow(Topic changelog, int32_t partition, int64_t offset) override;
  void Suspend(int32_t) override {}
  void Resume(int32_t) override { ++switches_.resumed_partitions; }
  void Release(int32_t partition) override { counts_.erase(partition); }
  void Process(const Message& message, OutputBatch& out) override;
  void Flush(OutputBatch& out) override;
  void Commit() override;
  void Abort() override;
  void Reject(const Message& message, std::string_view reason, OutputBatch& out) override;

 private:
  using Counts = std::map<std::string, int64_t>;

  ToySwitches& switches_;
  std::unique_ptr<StageCounts> metrics_;  // null if a test needs none
  std::map<int32_t, Counts> counts_;      // counts from committed transactions
  std::map<int32_t, Counts> open_;        // counts from the open transaction
  // Copies whose last row has not been read yet. Until then, a copy may belong to another log.
  std::map<int32_t, ToyCopy> unproved_;
};

}  // namespace picket::kafka
