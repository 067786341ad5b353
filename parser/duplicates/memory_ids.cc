#include "parser/duplicates/memory_ids.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace picket::parser {
namespace {

bool IsZero(const SeenId& id) { return (id.low | id.high) == 0; }

}  // namespace

bool SeenTable::Has(const SeenId& id, uint64_t hash) const {
  if (IsZero(id)) return has_zero_;
  if (capacity_ == 0) return false;
  for (uint32_t at = SlotOf(hash);; at = at + 1 == capacity_ ? 0 : at + 1) {
    if (slots_[at] == id) return true;
    if (IsZero(slots_[at])) return false;
  }
}

void SeenTable::Add(const SeenId& id, uint64_t hash, const SeenSeed& seed) {
  if (IsZero(id)) {
    has_zero_ = true;
    return;
  }
  if ((count_ + 1) * 100ull > capacity_ * 85ull) Grow(seed);
  Place(id, hash);
  ++count_;
}

void SeenTable::Place(const SeenId& id, uint64_t hash) {
  uint32_t at = SlotOf(hash);
  while (!IsZero(slots_[at])) at = at + 1 == capacity_ ? 0 : at + 1;
  slots_[at] = id;
}

void SeenTable::Grow(const SeenSeed& seed) {
  const uint32_t old_capacity = capacity_;
  const std::unique_ptr<SeenId[]> old = std::move(slots_);
  capacity_ = std::max(capacity_ + capacity_ / 5, capacity_ + 4);
  slots_ = std::make_unique<SeenId[]>(capacity_);
  for (uint32_t i = 0; i < old_capacity; ++i) {
    if (!IsZero(old[i])) Place(old[i], HashOf(old[i], seed));
  }
}

SortedSeenIds SeenTable::Sort(uint32_t tenant, uint32_t hour_word, const SeenSeed& seed) && {
  SortedSeenIds sorted{hour_word, tenant, arrival_hour_, 0, std::move(slots_)};
  if (sorted.ids == nullptr) sorted.ids = std::make_unique<SeenId[]>(1);
  SeenId* const ids = sorted.ids.get();
  // Slots are in the order of the hashes but for short stretches, so that insertion is fast. Those that found no place
  // before the end lie at the beginning; they and the Id of zeros come last.
  std::vector<SeenId> wrapped;
  uint64_t newest_hash = 0;
  const auto insert = [&](const SeenId& id) {
    const uint64_t hash = HashOf(id, seed);
    uint32_t at = sorted.count++;
    if (at > 0 && std::tie(hash, id) < std::tie(newest_hash, ids[at - 1])) {
      do {
        ids[at] = ids[at - 1];
        --at;
      } while (at > 0 && [&] {
        const uint64_t before = HashOf(ids[at - 1], seed);
        return std::tie(hash, id) < std::tie(before, ids[at - 1]);
      }());
    } else {
      newest_hash = hash;
    }
    ids[at] = id;
  };
  for (uint32_t at = 0; at < capacity_; ++at) {
    const SeenId id = ids[at];
    if (IsZero(id)) continue;
    if (SlotOf(HashOf(id, seed)) > at) {
      wrapped.push_back(id);
    } else {
      insert(id);
    }
  }
  for (const SeenId& id : wrapped) insert(id);
  if (has_zero_) insert({});
  return sorted;
}

bool SeenMemory::Has(const SeenKey& key, const SeenId& id, int32_t horizon) const {
  const auto found = groups_.find(GroupOf(key));
  if (found == groups_.end()) return false;
  for (const SeenTable& table : found->second) {
    if (table.arrival_hour() >= horizon && table.Has(id, key.hash)) return true;
  }
  return false;
}

void SeenMemory::Add(const SeenKey& key, const SeenId& id, int32_t arrival_hour,
                     const SeenMark& before) {
  std::vector<SeenTable>& tables = groups_[GroupOf(key)];
  SeenTable* table = nullptr;
  for (SeenTable& one : tables) {
    if (one.arrival_hour() == arrival_hour) table = &one;
  }
  if (table == nullptr) {
    tables.reserve(tables.size() + 1);
    table = &tables.emplace_back(arrival_hour, before);
    bytes_ += table->bytes();
  }
  const size_t bytes = table->bytes();
  table->Add(id, key.hash, seed_);
  bytes_ += table->bytes() - bytes;
  ++ids_;
}

int64_t SeenMemory::DropBefore(int32_t arrival_hour) {
  int64_t dropped = 0;
  for (auto group = groups_.begin(); group != groups_.end();) {
    std::vector<SeenTable>& tables = group->second;
    std::erase_if(tables, [&](const SeenTable& table) {
      if (table.arrival_hour() >= arrival_hour) return false;
      dropped += table.size();
      bytes_ -= table.bytes();
      return true;
    });
    if (tables.empty()) {
      groups_.erase(group++);
    } else {
      ++group;
    }
  }
  ids_ -= dropped;
  return dropped;
}

std::vector<SortedSeenIds> SeenMemory::TakeOldest(size_t bytes) {
  struct Place {
    int32_t arrival_hour;
    uint32_t created_hour;
    uint64_t group;
  };
  std::vector<Place> places;
  for (const auto& [group, tables] : groups_) {
    for (const SeenTable& table : tables) {
      places.push_back({table.arrival_hour(), static_cast<uint32_t>(group) & ~kSeenHashBit, group});
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.arrival_hour, a.created_hour, a.group) <
           std::tie(b.arrival_hour, b.created_hour, b.group);
  });
  std::vector<SortedSeenIds> taken;
  size_t taken_bytes = 0;
  for (const Place& place : places) {
    if (taken_bytes >= bytes) break;
    std::vector<SeenTable>& tables = groups_[place.group];
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const SeenTable& one) {
      return one.arrival_hour() == place.arrival_hour;
    });
    taken_bytes += table->bytes();
    bytes_ -= table->bytes();
    ids_ -= table->size();
    taken.push_back(std::move(*table).Sort(static_cast<uint32_t>(place.group >> 32),
                                           static_cast<uint32_t>(place.group), seed_));
    tables.erase(table);
    if (tables.empty()) groups_.erase(place.group);
  }
  return taken;
}

SeenMark SeenMemory::Earliest(const SeenMark& last) const {
  SeenMark earliest = last;
  for (const auto& [group, tables] : groups_) {
    for (const SeenTable& table : tables) {
      if (table.before().offset < earliest.offset) earliest = table.before();
    }
  }
  return earliest;
}

}  // namespace picket::parser
