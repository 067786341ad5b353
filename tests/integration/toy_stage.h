#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "kafka/worker/stage.h"

namespace picket::kafka {

// The state of a partition as a stage keeps it on disk: what the changelog says up to and including one row.
struct ToyCopy {
  std::map<std::string, int64_t> counts;
  int64_t offset = -1;  // of that row
  std::string key;
  std::string value;
};

// What the toy stages of a test have in common and tell it.
struct ToySwitches {
  // Copies outlive the stage in here; nothing keeps none. Touched by the worker's thread.
  std::map<int32_t, ToyCopy>* copies = nullptr;
  // Ends the process at a message of value "crash".
  bool crashes = false;
  std::atomic<int> restored_rows{0};
  std::atomic<int> resumed_partitions{0};
  std::atomic<int> processed{0};
};

// Numbers the messages of each key: input (key, value) becomes the event (key, "<count> <value>"), and `seen` keeps the
// count. A lost row of either shows as a number that comes twice, a doubled one as a number that is left out.
// The value "big" becomes an event larger than a message may be.
class ToyStage final : public Stage {
 public:
  explicit ToyStage(ToySwitches* switches) : switches_(*switches) {}

  const StageSpec& spec() const override;
  void BeginRestore(int32_t partition) override { counts_[partition].clear(); }
  void RestoreRow(const Message& row) override;
  void EndRestore(int32_t) override {}
  int64_t RestoreFrom(int32_t partition, int64_t begin, int64_t end) override;
  bool IsRestored(int32_t partition) override;
  void OnChangelogRow(int32_t partition, int64_t offset) override;
  void Suspend(int32_t) override {}
  void Resume(int32_t) override { ++switches_.resumed_partitions; }
  void Release(int32_t partition) override { counts_.erase(partition); }
  void Process(const Message& message, OutputBatch& out) override;
  void Flush(OutputBatch& out) override;
  void Commit() override;
  void Abort() override { open_.clear(); }

 private:
  using Counts = std::map<std::string, int64_t>;

  ToySwitches& switches_;
  std::map<int32_t, Counts> counts_;  // decided
  std::map<int32_t, Counts> open_;    // of the open transaction
  std::map<int32_t, ToyCopy> shown_;  // copies that their row has yet to prove
};

}  // namespace picket::kafka
