#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "parser/duplicates/run_file.h"

namespace picket::parser {

// Makes one run of several, a slice at a time, so that no transaction waits for it.
// Threads: one. Lifetime: keeps its inputs open. Failure: the inputs stay as they are.
class SeenMerge {
 public:
  // What arrived before `horizon` is left out.
  SeenMerge(std::vector<std::shared_ptr<SeenRunFile>> inputs, DiskFile output, uint64_t number,
            const SeenSeed& seed, int32_t horizon);

  enum class State { kGoing, kDone, kInputDamaged, kOutputFailed };
  State Step(int64_t entries);

  const std::vector<std::shared_ptr<SeenRunFile>>& inputs() const { return inputs_; }
  uint64_t number() const { return number_; }
  const std::shared_ptr<SeenRunFile>& output() const { return output_; }    // kDone
  const std::shared_ptr<SeenRunFile>& damaged() const { return damaged_; }  // kInputDamaged
  int error() const { return writer_.error(); }                             // kOutputFailed

 private:
  bool Advance(size_t cursor);

  const std::vector<std::shared_ptr<SeenRunFile>> inputs_;
  const uint64_t number_;
  const int32_t horizon_;
  SeenRunWriter writer_;
  std::vector<SeenRunCursor> cursors_;  // those that have an entry
  std::optional<SeenEntry> held_;       // waits for the same Id from another input
  bool started_ = false;
  std::shared_ptr<SeenRunFile> output_;
  std::shared_ptr<SeenRunFile> damaged_;
};

}  // namespace picket::parser
