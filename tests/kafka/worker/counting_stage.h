#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kafka/worker/stage.h"

namespace picket::kafka {

// Thrown in place of a crash of the process.
struct SimulatedCrash {};

// The copy of a partition's counts as a stage keeps it on disk: the state up to and including one
// row.
struct CountsCopy {
  std::map<std::string, int64_t> counts;
  int64_t offset = -1;  // of that row
  std::string key;
  std::string value;
};

// What survives a process: its disk.
struct CountingDisk {
  std::map<int32_t, CountsCopy> copies;
};

struct CountingOptions {
  std::string name = "toy";
  Topic input = Topic::kRaw;
  Topic output = Topic::kEvents;
  bool consumes_input = true;
  // The counts of the keys are in `seen`; with a second changelog, the partition's total is in
  // `state`.
  bool has_total = false;
  CountingDisk* disk = nullptr;  // null: no copies
  // Pieces of work of a stage without input; by partition.
  int64_t pieces = 0;
};

// Counts the messages of each key: (key, value) becomes the event (key, "<count> <total> <value>").
// A message that is lost or processed twice shows in the counts of all later ones, and so does
// state that is not the state of the log.
//
// Values with a meaning: "big" (its event is too large), "refused" (the broker refuses its event),
// "wide" (its state row is large: three in one transaction are too large), "huge" (its state row is
// too large), "crash" (ends the process). A stage without input numbers its pieces of work instead.
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

  // For a trial in place of a child process: the state before it is put back afterwards.
  struct State;
  State Save() const;
  void Restore(State state);

  int64_t Total(int32_t partition) const { return counts_.at(partition).total; }

  int pauses = 0;
  bool is_in_contact = true;
  int restored_rows = 0;
  int resumed = 0;
  int discarded_copies = 0;
  std::vector<std::pair<Topic, int64_t>> last_rows;  // what OnChangelogRow reported

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
  std::map<int32_t, Counts> counts_;        // decided
  std::map<int32_t, Open> open_;            // the overlay
  std::map<int32_t, CountsCopy> unproved_;  // copies whose row has not been seen yet
  std::set<int32_t> live_;
};

struct CountingStage::State {
  std::map<int32_t, Counts> counts;
  std::map<int32_t, Open> open;
};

}  // namespace picket::kafka
