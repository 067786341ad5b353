#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kafka/worker/stage.h"

namespace picket::kafka {

// Two stages as one: what the first writes to the input topic of the second is not produced, but
// handed to the second in the same transaction. Both states are committed or aborted together, so
// the result is exactly-once without the hop through the topic between them.
//
// A message that is handed over has the key, value and headers that the first stage gave it, and
// the partition, offset and timestamp of the first stage's input: it has no place in a log of its
// own. Several messages that come from one input have the same offset. A message for another
// partition than that of its input is a broken invariant.
//
// The changelogs are those of both stages, and must differ: a row belongs to the stage that has its
// topic.
//
// Threads, lifetime and failure: see Stage.
class ChainedStage final : public Stage {
 public:
  // The first consumes the input; the second must consume one of the first's outputs.
  // `topic_prefix` is that of the topics' names.
  ChainedStage(std::string name, std::unique_ptr<Stage> first, std::unique_ptr<Stage> second,
               std::string topic_prefix);

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
  void Flush(OutputBatch& out) override;
  void Commit() override;
  void Abort() override;
  void BetweenTransactions() override;

 private:
  bool IsOfFirst(Topic changelog) const;

  const std::unique_ptr<Stage> first_;
  const std::unique_ptr<Stage> second_;
  StageSpec spec_;
  const Topic link_;  // the input of the second
  const std::string link_name_;
  std::vector<std::string> first_changelogs_;  // names with the prefix
  OutputBatch between_;                        // what the first made of one message
};

}  // namespace picket::kafka
