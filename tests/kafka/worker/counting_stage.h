#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kafka/worker/stage.h"

namespace picket::kafka {

// Thrown to simulate a crash of the process.
struct SimulatedCrash {};

// A copy of a partition's counts, as a stage keeps it on disk. The copy contains the counts up to
// and including one row of the changelog.
struct CountsCopy {
  std::map<std::string, int64_t> counts;
  int64_t offset = -1;  // offset of the last included row
  std::string key;
  std::string value;
};

// The simulated disk of a process. Its contents survive the process.
struct CountingDisk {
  std::map<int32_t, CountsCopy> copies;
};

struct CountingOptions {
  std::string name = "toy";
  Topic input = Topic::kRaw;
  Topic output = Topic::kEvents;
  bool consumes_input = true;
  Topic changelog = Topic::kSeen;  // contains the counts of the keys
  // If true, there is a second changelog, `state`, which contains the total of each partition.
  bool has_total = false;
  CountingDisk* disk = nullptr;  // null if the stage keeps no copies
  // The number of pieces of work per partition for a stage without input.
  int64_t pieces = 0;
};

// Counts the messages of each key. The input (key, value) becomes the event (key, "<count> <total>
// <value>"). If a message is lost or processed twice, or if the stage's state differs from the
// state in the log, the counts of all later messages are wrong.
//
// Some values have a meaning. "big" produces an event that is too large, and the broker refuses the
// event of "refused". "wide" produces a large state row, and three of them in one partition and
// transaction produce rows that are too large. "huge" produces a state row that is too large by
// itself. "crash" ends the process. A stage without input produces numbered pieces of work instead.
class CountingStage : public Stage {
 public:
  explicit CountingStage(CountingOptions options);

  const StageSpec& spec() const override { return spec_; }
  void BeginRestore(int32_t partition) override;
  void RestoreRow(const Message& row) override;
  void EndRestore(int32_t partition) override;
  int64_t RestoreFrom(Topic changelog, int32_t partition, int64_t begin, int64_t end) override;
  bool IsRestored(int32_t partition) override;
  void OnChangelogRow(Topic changelog, int32_t partition, int64_t offset) override;
  void Suspend(int32_t partition) override;
  void Resume(int32_t partition) override;
  void Release(int32_t partition) override;
  void Process(const Message& message, OutputBatch& out) override;
  void Collect(size_t max_bytes, OutputBatch& out) override;
  void Flush(OutputBatch& out) override;
  void Commit() override;
  void Abort() override;
  void BetweenTransactions() override { ++pauses; }
  void OnContact(bool in_contact) override { is_in_contact = in_contact; }

  // The tests run a trial without a child process. They use Save and Restore to undo its effects.
  struct State;
  State Save() const;
  void Restore(State state);

  int64_t Total(int32_t partition) const { return counts_.at(partition).total; }
  bool HasState(int32_t partition) const { return counts_.contains(partition); }
  size_t LivePartitions() const { return live_.size(); }

  int pauses = 0;
  bool is_in_contact = true;
  int restored_rows = 0;
  int resumed = 0;
  int discarded_copies = 0;
  std::vector<std::pair<Topic, int64_t>> last_rows;  // the rows that OnChangelogRow reported

 private:
  struct Counts {
    std::map<std::string, int64_t> keys;
    int64_t total = 0;
  };
  struct Open {
    std::map<std::string, int64_t> keys;
    int64_t total = 0;
    int wide = 0;
    bool is_huge = false;
  };

  const CountingOptions options_;
  StageSpec spec_;
  std::string seen_topic_;
  std::map<int32_t, Counts> counts_;  // counts from decided transactions
  std::map<int32_t, Open> open_;      // the overlay of the open transaction
  // Copies whose last row has not been read yet. Until then, a copy may belong to another log.
  std::map<int32_t, CountsCopy> unproved_;
  std::set<int32_t> live_;
};

struct CountingStage::State {
  std::map<int32_t, Counts> counts;
  std::map<int32_t, Open> open;
};

}  // namespace picket::kafka
