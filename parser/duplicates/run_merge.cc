#include "parser/duplicates/run_merge.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace picket::parser {
namespace {

int32_t BaseOf(const std::vector<std::shared_ptr<SeenRunFile>>& inputs, int32_t horizon) {
  int32_t oldest = INT32_MAX;
  for (const auto& input : inputs) oldest = std::min(oldest, input->oldest_arrival());
  return std::max(oldest, horizon);
}

}  // namespace

SeenMerge::SeenMerge(std::vector<std::shared_ptr<SeenRunFile>> inputs, DiskFile output,
                     uint64_t number, const SeenSeed& seed, int32_t horizon)
    : inputs_(std::move(inputs)),
      number_(number),
      horizon_(horizon),
      writer_(std::move(output), number, seed, BaseOf(inputs_, horizon)) {
  for (const auto& input : inputs_) cursors_.emplace_back(input);
}

// False where the input is damaged; a cursor at its end goes away.
bool SeenMerge::Advance(size_t cursor) {
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

SeenMerge::State SeenMerge::Step(int64_t entries) {
  if (!std::exchange(started_, true)) {
    for (size_t i = cursors_.size(); i-- > 0;) {
      if (!Advance(i)) return State::kInputDamaged;
    }
  }
  for (; entries > 0 && !cursors_.empty(); --entries) {
    size_t least = 0;
    for (size_t i = 1; i < cursors_.size(); ++i) {
      const SeenEntry& a = cursors_[i].entry();
      const SeenEntry& b = cursors_[least].entry();
      if (std::tie(a.key, a.id) < std::tie(b.key, b.id)) least = i;
    }
    const SeenEntry& entry = cursors_[least].entry();
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
  if (!cursors_.empty()) return State::kGoing;
  if (held_.has_value() && !writer_.Add(*held_)) return State::kOutputFailed;
  held_.reset();
  output_ = writer_.Finish();
  return output_ != nullptr ? State::kDone : State::kOutputFailed;
}

}  // namespace picket::parser
