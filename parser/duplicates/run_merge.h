#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "parser/duplicates/run_file.h"

namespace picket::parser {

// Merges several runs into one, in small steps, so that no transaction waits for a whole merge.
// Threads: an object is used by one thread. Lifetime: the object keeps its inputs open. Failure: if
// a merge fails, the inputs stay unchanged.
class RunMerge {
 public:
  // Prepares a merge that leaves out Ids that arrived before `horizon`. `number` identifies the
  // output.
  RunMerge(std::vector<std::shared_ptr<RunFile>> inputs, DiskFile output, uint64_t number,
           const HashSeed& seed, int32_t horizon);

  enum class State { kUnfinished, kDone, kInputDamaged, kOutputFailed };
  // Merges up to `entries` more Ids.
  State Step(int64_t entries);

  const std::vector<std::shared_ptr<RunFile>>& inputs() const { return inputs_; }
  uint64_t number() const { return number_; }
  const std::shared_ptr<RunFile>& output() const { return output_; }    // valid after kDone
  const std::shared_ptr<RunFile>& damaged() const { return damaged_; }  // valid after kInputDamaged
  int error() const { return writer_.error(); }                         // valid after kOutputFailed

 private:
  bool Advance(size_t cursor);

  const std::vector<std::shared_ptr<RunFile>> inputs_;
  const uint64_t number_;
  const int32_t horizon_;
  RunWriter writer_;
  std::vector<RunCursor> cursors_;  // cursors of inputs that still have an entry
  // The last Id that was merged. It is not written yet, because another input may contain it, too.
  std::optional<IdEntry> held_;
  bool started_ = false;
  std::shared_ptr<RunFile> output_;
  std::shared_ptr<RunFile> damaged_;
};

}  // namespace picket::parser
