#include "fetcher/content_queue.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace picket::fetcher {

void ContentQueue::Add(const std::string& id, const ListedContent& listed) {
  items_[id].listed = listed;
  by_age_.emplace(listed.created, id);
  ready_.emplace(listed.created, id);
}

void ContentQueue::Remove(const std::string& id) {
  const auto item = items_.find(id);
  if (item == items_.end()) return;
  const absl::Time created = item->second.listed.created;
  by_age_.erase({created, id});
  ready_.erase({created, id});
  items_.erase(item);
}

ContentQueue::Item* ContentQueue::Find(const std::string& id) {
  const auto item = items_.find(id);
  return item == items_.end() ? nullptr : &item->second;
}

std::optional<absl::Time> ContentQueue::Oldest() const {
  if (by_age_.empty()) return std::nullopt;
  return by_age_.begin()->first;
}

std::string ContentQueue::Start(AgeOrder::iterator ready) {
  std::string id = ready->second;
  ready_.erase(ready);
  items_.at(id).busy = true;
  return id;
}

void ContentQueue::Retry(const std::string& id, absl::Duration not_before, absl::Duration now) {
  Item* const item = Find(id);
  if (item == nullptr) return;
  item->busy = false;
  if (not_before <= now) {
    ready_.emplace(item->listed.created, id);
  } else {
    delayed_.emplace(not_before, id);
  }
}

void ContentQueue::ReleaseDelayed(absl::Duration now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const std::string& id = delayed_.begin()->second;
    const Item* const item = Find(id);
    if (item != nullptr && !item->busy) ready_.emplace(item->listed.created, id);
    delayed_.erase(delayed_.begin());
  }
}

absl::Duration RetrievalDelay(bool is_missing, int attempts, const std::string& content_id) {
  const absl::Duration step = std::min(absl::Seconds(1) * (1 << std::min(attempts, 12)),
                                       is_missing ? absl::Minutes(30) : absl::Minutes(5));
  return step * (0.5 + static_cast<double>(absl::HashOf(content_id) % 1000) / 2000);
}

}  // namespace picket::fetcher
