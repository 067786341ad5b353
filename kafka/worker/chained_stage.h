#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kafka/worker/stage.h"

namespace picket::kafka {

// Two stages that run as one. Messages that the first stage writes to the input topic of the second
// are not produced, but are handed to the second stage in the same transaction. Both states are
// committed or aborted together, so processing is exactly-once without a detour through the topic
// between the stages.
//
// A message that is handed over has the key, value and headers that the first stage gave it. Its
// partition, offset and timestamp are those of the first stage's input, since the message is not in
// any log. All messages that come from one input have the same offset. The first stage may write to
// the second stage's input topic only in the partition of its own input. A message for any other
// partition fails a PICKET_CHECK.
//
// The changelogs of the two stages must be distinct, because each row is restored by the stage
// whose changelog contains the row.
//
// Threads, lifetime and failure: See Stage.
class ChainedStage final : public Stage {
 public:
  // `first` consumes the input, and `second` must consume an output of `first`. `topic_prefix` is
  // the prefix of the topic names.
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
  const Topic link_;  // the input topic of the second stage
  const std::string link_name_;
  std::vector<std::string> first_changelogs_;  // names including the prefix
  OutputBatch between_;                        // output of the first stage for one message
};

}  // namespace picket::kafka
