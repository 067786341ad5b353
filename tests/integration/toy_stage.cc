#include "tests/integration/toy_stage.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::kafka {

const StageSpec& ToyStage::spec() const {
  static const StageSpec& spec = *new StageSpec{"toy", Topic::kRaw, true, Topic::kSeen};
  return spec;
}

void ToyStage::RestoreRow(const Message& row) {
  ++switches_.restored_rows;
  counts_[row.partition][std::string(row.key)] = std::stoll(std::string(row.value));
}

void ToyStage::Process(const Message& message, OutputBatch& out) {
  if (switches_.crashes && message.value == "crash") std::abort();
  ++switches_.processed;
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
}

}  // namespace picket::kafka
