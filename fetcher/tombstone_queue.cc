#include "fetcher/tombstone_queue.h"

#include <utility>

#include "common/log.h"

namespace picket::fetcher {
namespace {

constexpr int64_t kDiskLimit = int64_t{4} << 30;

int64_t DayOf(absl::Time time) { return absl::ToUnixSeconds(time) / 86400; }

}  // namespace

TombstoneQueue::TombstoneQueue(std::string dir)
    : dir_(std::move(dir)), disk_(std::make_shared<ByteBudget>(kDiskLimit)) {}

void TombstoneQueue::Add(std::string_view key, absl::Time created) {
  std::unique_ptr<SpillFile>& day = days_[DayOf(created)];
  if (day == nullptr) {
    absl::StatusOr<std::unique_ptr<SpillFile>> file = SpillFile::Create(dir_, disk_);
    if (!file.ok()) {
      LogWarning("ledger_tombstones_delayed", {{"error", file.status()}});
      days_.erase(DayOf(created));
      return;
    }
    day = *std::move(file);
  }
  const std::string line = std::string(key) + '\n';
  if (const absl::Status status = day->Append(line); !status.ok()) {
    LogWarning("ledger_tombstones_delayed", {{"error", status}});
  }
}

std::vector<std::string> TombstoneQueue::PopBefore(absl::Time limit, size_t most) {
  std::vector<std::string> keys;
  if (current_ == nullptr) {
    if (days_.empty() || days_.begin()->first >= DayOf(limit)) return keys;
    current_ = std::move(days_.begin()->second);
    days_.erase(days_.begin());
    current_position_ = 0;
  }
  const absl::StatusOr<std::string_view> text = current_->View();
  if (text.ok()) {
    while (keys.size() < most && current_position_ < text->size()) {
      const size_t end = text->find('\n', current_position_);
      keys.emplace_back(text->substr(current_position_, end - current_position_));
      current_position_ = end + 1;
    }
  }
  if (!text.ok() || current_position_ >= text->size()) current_.reset();
  return keys;
}

}  // namespace picket::fetcher
