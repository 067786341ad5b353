#include "parser/duplicates/run_merge.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace picket::parser {
namespace {

// Returns the oldest hour of arrival that the output can contain.
int32_t BaseArrival(const std::vector<std::shared_ptr<RunFile>>& inputs, int32_t horizon) {
  int32_t oldest = INT32_MAX;
  for (const auto& input : inputs) oldest = std::min(oldest, input->oldest_arrival());
  return std::max(oldest, horizon);
}

}  // namespace

RunMerge::RunMerge(std::vector<std::shared_ptr<RunFile>> inputs, DiskFile output, uint64_t number,
                   const HashSeed& seed, int32_t horizon)
    : inputs_(std::move(inputs)),
      number_(number),
      horizon_(horizon),
      writer_(std::move(output), number, seed, BaseArrival(inputs_, horizon)) {
  for (const auto& input : inputs_) cursors_.emplace_back(input);
}

// Moves a cursor to its next entry, or removes the cursor at the end of its run. Returns false if
// the run is damaged.
bool RunMerge::Advance(size_t cursor) {
  if (cursors_[cursor].Next()) return true;
  if (cursors_[cursor].damaged()) {
    for (const auto& input : inputs_) {
      if (input.get() == &cursors_[cursor].run()) damaged_ = input;
    }
    return false;
  }
  cursors_.erase(cursors_.begin() + static_cast<std::ptrdiff_t>(cursor));
  return true;
}

RunMerge::State RunMerge::Step(int64_t entries) {
  if (!std::exchange(started_, true)) {
    for (size_t i = cursors_.size(); i-- > 0;) {
      if (!Advance(i)) return State::kInputDamaged;
    }
  }
  for (; entries > 0 && !cursors_.empty(); --entries) {
    size_t least = 0;
    for (size_t i = 1; i < cursors_.size(); ++i) {
      const IdEntry& a = cursors_[i].entry();
      const IdEntry& b = cursors_[least].entry();
      if (std::tie(a.key, a.id) < std::tie(b.key, b.id)) least = i;
    }
    const IdEntry& entry = cursors_[least].entry();
    if (entry.arrival_hour >= horizon_) {
      if (held_.has_value() && held_->key == entry.key && held_->id == entry.id) {
        held_->arrival_hour = std::max(held_->arrival_hour, entry.arrival_hour);
      } else {
        if (held_.has_value() && !writer_.Add(*held_)) return State::kOutputFailed;
        held_ = entry;
      }
    }
    if (!Advance(least)) return State::kInputDamaged;
  }
  if (!cursors_.empty()) return State::kUnfinished;
  if (held_.has_value() && !writer_.Add(*held_)) return State::kOutputFailed;
  held_.reset();
  output_ = writer_.Finish();
  return output_ != nullptr ? State::kDone : State::kOutputFailed;
}

}  // namespace picket::parser
