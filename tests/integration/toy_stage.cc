#include "tests/integration/toy_stage.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::kafka {

ToyStage::ToyStage(ToySwitches* switches) : switches_(*switches) {
  if (switches->metrics != nullptr) {
    metrics_ = std::make_unique<StageCounts>(*switches->metrics, spec().name);
  }
}

const StageSpec& ToyStage::spec() const {
  static const StageSpec& spec = *new StageSpec{"toy", Topic::kRaw, true, {Topic::kSeen}};
  return spec;
}

int64_t ToyStage::RestoreFrom(Topic, int32_t partition, int64_t begin, int64_t end) {
  unproved_.erase(partition);
  if (switches_.copies == nullptr) return begin;
  const auto copy = switches_.copies->find(partition);
  if (copy == switches_.copies->end()) return begin;
  if (copy->second.offset < begin || copy->second.offset >= end) {
    switches_.copies->erase(copy);
    return begin;
  }
  unproved_[partition] = copy->second;
  return copy->second.offset;
}

bool ToyStage::IsRestored(int32_t partition) {
  if (unproved_.erase(partition) == 0) return true;
  switches_.copies->erase(partition);
  return false;
}

void ToyStage::OnChangelogRow(Topic, int32_t partition, int64_t offset) {
  if (switches_.copies == nullptr) return;
  // Flush writes the rows of a partition in the order of the map, so the last element is the last
  // row.
  const auto& [key, count] = *open_[partition].rbegin();
  ToyCopy& copy = (*switches_.copies)[partition];
  copy.counts = counts_[partition];
  for (const auto& [name, number] : open_[partition]) copy.counts[name] = number;
  copy.offset = offset;
  copy.key = key;
  copy.value = absl::StrCat(count);
}

void ToyStage::RestoreRow(const Message& row) {
  ++switches_.restored_rows;
  if (const auto unproved = unproved_.find(row.partition); unproved != unproved_.end()) {
    const ToyCopy& copy = unproved->second;
    if (row.offset != copy.offset || row.key != copy.key || row.value != copy.value) return;
    counts_[row.partition] = copy.counts;
    unproved_.erase(unproved);
    return;
  }
  counts_[row.partition][std::string(row.key)] = std::stoll(std::string(row.value));
}

void ToyStage::Process(const Message& message, OutputBatch& out) {
  if (switches_.crashes && message.value == "crash") std::abort();
  ++switches_.processed;
  if (metrics_ != nullptr) {
    metrics_->in().Add();
    metrics_->out().Add();
  }
  const std::string key(message.key);
  Counts& open = open_[message.partition];
  auto count = open.find(key);
  if (count == open.end()) count = open.emplace(key, counts_[message.partition][key]).first;
  ++count->second;
  std::string value = absl::StrCat(count->second, " ", ToAbsl(message.value));
  if (message.value == "big") value.append(9 << 20, 'x');
  out.Add(Topic::kEvents, message.partition, key, value);
}

void ToyStage::Flush(OutputBatch& out) {
  for (const auto& [partition, counts] : open_) {
    for (const auto& [key, count] : counts) {
      out.Add(Topic::kSeen, partition, key, absl::StrCat(count));
    }
  }
}

void ToyStage::Commit() {
  for (const auto& [partition, counts] : open_) {
    for (const auto& [key, count] : counts) counts_[partition][key] = count;
  }
  open_.clear();
  if (metrics_ != nullptr) metrics_->Commit();
}

void ToyStage::Abort() {
  open_.clear();
  if (metrics_ != nullptr) metrics_->Abort();
}

void ToyStage::Reject(const Message& message, std::string_view reason, OutputBatch& out) {
  if (metrics_ != nullptr) {
    metrics_->in().Add();
    metrics_->dead_letters(reason).Add();
  }
  Stage::Reject(message, reason, out);
}

}  // namespace picket::kafka
