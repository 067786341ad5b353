#include "tests/kafka/worker/counting_stage.h"

#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

constexpr size_t kLargeBytes = 9 << 20;
constexpr size_t kWideBytes = 3 << 20;

const std::string& LargeValue() {
  static const std::string& value = *new std::string(kLargeBytes, '.');
  return value;
}

// Throws if the worker violates the contract of Stage.
void Expect(bool condition, const char* otherwise) {
  if (!condition) throw std::logic_error(otherwise);
}

}  // namespace

CountingStage::CountingStage(CountingOptions options) : options_(std::move(options)) {
  spec_.name = options_.name;
  spec_.input = options_.input;
  spec_.consumes_input = options_.consumes_input;
  spec_.changelogs = {options_.changelog};
  if (options_.has_total) spec_.changelogs.push_back(Topic::kState);
}

void CountingStage::BeginRestore(int32_t partition) {
  counts_[partition] = {};
  unproved_.erase(partition);
}

int64_t CountingStage::RestoreFrom(Topic changelog, int32_t partition, int64_t begin, int64_t end) {
  if (options_.disk == nullptr || changelog != options_.changelog) return begin;
  const auto copy = options_.disk->copies.find(partition);
  if (copy == options_.disk->copies.end()) return begin;
  if (copy->second.offset < begin || copy->second.offset >= end) {
    options_.disk->copies.erase(copy);
    return begin;
  }
  unproved_[partition] = copy->second;
  return copy->second.offset;
}

void CountingStage::RestoreRow(const Message& row) {
  ++restored_rows;
  Counts& counts = counts_.at(row.partition);
  const int64_t number = std::stoll(std::string(row.value));
  if (row.topic.ends_with("state")) {
    counts.total = number;
    return;
  }
  if (const auto unproved = unproved_.find(row.partition); unproved != unproved_.end()) {
    const CountsCopy& copy = unproved->second;
    if (row.offset != copy.offset || row.key != copy.key || row.value != copy.value) return;
    counts.keys = copy.counts;
    unproved_.erase(unproved);
    return;
  }
  counts.keys[std::string(row.key)] = number;
}

bool CountingStage::IsRestored(int32_t partition) {
  if (unproved_.erase(partition) == 0) return true;
  options_.disk->copies.erase(partition);
  ++discarded_copies;
  return false;
}

void CountingStage::EndRestore(int32_t partition) { live_.insert(partition); }

void CountingStage::OnChangelogRow(Topic changelog, int32_t partition, int64_t offset) {
  last_rows.emplace_back(changelog, offset);
  if (options_.disk == nullptr || changelog != options_.changelog) return;
  const Open& open = open_.at(partition);
  if (open.wide > 0) return;
  // Flush writes the rows in the order of the map, so the last element is the last row.
  const auto& [key, count] = *open.keys.rbegin();
  CountsCopy& copy = options_.disk->copies[partition];
  copy.counts = counts_.at(partition).keys;
  for (const auto& [name, number] : open.keys) copy.counts[name] = number;
  copy.offset = offset;
  copy.key = key;
  copy.value = absl::StrCat(count);
}

void CountingStage::Suspend(int32_t partition) { live_.erase(partition); }

void CountingStage::Resume(int32_t partition) {
  Expect(counts_.contains(partition), "resumed a partition without state");
  live_.insert(partition);
  ++resumed;
}

void CountingStage::Release(int32_t partition) {
  live_.erase(partition);
  counts_.erase(partition);
  open_.erase(partition);
  unproved_.erase(partition);
}

void CountingStage::Process(const Message& message, OutputBatch& out) {
  if (message.value == "crash") throw SimulatedCrash();
  Expect(live_.contains(message.partition), "a message of a partition that is not live");
  const Counts& decided = counts_.at(message.partition);
  Open& open = open_[message.partition];
  if (open.keys.empty()) open.total = decided.total;
  auto count = open.keys.find(std::string(message.key));
  if (count == open.keys.end()) {
    const auto known = decided.keys.find(std::string(message.key));
    count = open.keys.emplace(message.key, known == decided.keys.end() ? 0 : known->second).first;
  }
  ++count->second;
  ++open.total;
  if (message.value == "wide") ++open.wide;
  if (message.value == "huge") open.is_huge = true;
  if (message.value == "big") {
    out.AddBorrowed(options_.output, message.partition, message.key, LargeValue());
    return;
  }
  out.Add(options_.output, message.partition, message.key,
          absl::StrCat(count->second, " ", options_.has_total ? open.total : 0, " ",
                       ToAbsl(message.value)));
}

void CountingStage::Collect(size_t, OutputBatch& out) {
  for (const int32_t partition : live_) {
    Counts& decided = counts_.at(partition);
    const int64_t done = decided.keys["piece"];
    if (done >= options_.pieces || open_.contains(partition)) continue;
    open_[partition].keys["piece"] = done + 1;
    out.Touch(partition);
    out.Add(options_.output, partition, "piece", absl::StrCat(done + 1));
  }
}

void CountingStage::Flush(OutputBatch& out) {
  for (const auto& [partition, open] : open_) {
    for (const auto& [key, count] : open.keys) {
      if (open.is_huge || open.wide >= 3) {
        out.AddBorrowed(options_.changelog, partition, key, LargeValue());
      } else if (open.wide > 0) {
        // The row begins with the count, as every row does. The rest only makes the row large.
        std::string row = absl::StrCat(count, " ");
        row.append(kWideBytes / 1024, '.');
        out.Add(options_.changelog, partition, key, row);
      } else {
        out.Add(options_.changelog, partition, key, absl::StrCat(count));
      }
    }
    if (options_.has_total) {
      out.Add(Topic::kState, partition, "total", absl::StrCat(open.total));
    }
  }
}

void CountingStage::Commit() {
  for (const auto& [partition, open] : open_) {
    Expect(counts_.contains(partition), "committed for a partition without state");
    Counts& counts = counts_[partition];
    for (const auto& [key, count] : open.keys) counts.keys[key] = count;
    counts.total = open.total;
  }
  open_.clear();
}

void CountingStage::Abort() { open_.clear(); }

CountingStage::State CountingStage::Save() const { return {counts_, open_}; }

void CountingStage::Restore(State state) {
  counts_ = std::move(state.counts);
  open_ = std::move(state.open);
}

}  // namespace picket::kafka
