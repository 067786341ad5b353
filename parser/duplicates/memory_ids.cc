#include "parser/duplicates/memory_ids.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace picket::parser {
namespace {

bool IsZero(const PackedId& id) { return (id.low | id.high) == 0; }

}  // namespace

bool IdTable::Has(const PackedId& id, uint64_t hash) const {
  if (IsZero(id)) return has_zero_;
  if (capacity_ == 0) return false;
  for (uint32_t at = SlotOf(hash);; at = at + 1 == capacity_ ? 0 : at + 1) {
    if (slots_[at] == id) return true;
    if (IsZero(slots_[at])) return false;
  }
}

void IdTable::Add(const PackedId& id, uint64_t hash, const HashSeed& seed) {
  if (IsZero(id)) {
    has_zero_ = true;
    return;
  }
  if ((count_ + 1) * 100ull > capacity_ * 85ull) Grow(seed);
  Place(id, hash);
  ++count_;
}

void IdTable::Place(const PackedId& id, uint64_t hash) {
  uint32_t at = SlotOf(hash);
  while (!IsZero(slots_[at])) at = at + 1 == capacity_ ? 0 : at + 1;
  slots_[at] = id;
}

void IdTable::Grow(const HashSeed& seed) {
  const uint32_t old_capacity = capacity_;
  const std::unique_ptr<PackedId[]> old = std::move(slots_);
  capacity_ = std::max(capacity_ + capacity_ / 5, capacity_ + 4);
  slots_ = std::make_unique<PackedId[]>(capacity_);
  for (uint32_t i = 0; i < old_capacity; ++i) {
    if (!IsZero(old[i])) Place(old[i], HashId(old[i], seed));
  }
}

SortedIds IdTable::Sort(uint32_t tenant, uint32_t hour_word, const HashSeed& seed) && {
  SortedIds sorted{hour_word, tenant, arrival_hour_, 0, std::move(slots_)};
  if (sorted.ids == nullptr) sorted.ids = std::make_unique<PackedId[]>(1);
  PackedId* const ids = sorted.ids.get();
  // The position of a slot grows with the hash of its Id, so the Ids are nearly sorted and
  // insertion sort is fast. An Id that found no free slot before the end of the table is at the
  // beginning of the table. Such Ids are inserted last, followed by the all-zero Id, which has no
  // slot.
  std::vector<PackedId> wrapped;
  uint64_t newest_hash = 0;
  const auto insert = [&](const PackedId& id) {
    const uint64_t hash = HashId(id, seed);
    uint32_t at = sorted.count++;
    if (at > 0 && std::tie(hash, id) < std::tie(newest_hash, ids[at - 1])) {
      do {
        ids[at] = ids[at - 1];
        --at;
      } while (at > 0 && [&] {
        const uint64_t before = HashId(ids[at - 1], seed);
        return std::tie(hash, id) < std::tie(before, ids[at - 1]);
      }());
    } else {
      newest_hash = hash;
    }
    ids[at] = id;
  };
  for (uint32_t at = 0; at < capacity_; ++at) {
    const PackedId id = ids[at];
    if (IsZero(id)) continue;
    if (SlotOf(HashId(id, seed)) > at) {
      wrapped.push_back(id);
    } else {
      insert(id);
    }
  }
  for (const PackedId& id : wrapped) insert(id);
  if (has_zero_) insert({});
  return sorted;
}

bool MemoryIds::Has(const IdKey& key, const PackedId& id, int32_t horizon) const {
  const auto found = groups_.find(GroupOf(key));
  if (found == groups_.end()) return false;
  for (const IdTable& table : found->second) {
    if (table.arrival_hour() >= horizon && table.Has(id, key.hash)) return true;
  }
  return false;
}

void MemoryIds::Add(const IdKey& key, const PackedId& id, int32_t arrival_hour,
                    const RowMark& before) {
  std::vector<IdTable>& tables = groups_[GroupOf(key)];
  IdTable* table = nullptr;
  for (IdTable& one : tables) {
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

int64_t MemoryIds::DropBefore(int32_t arrival_hour) {
  int64_t dropped = 0;
  for (auto group = groups_.begin(); group != groups_.end();) {
    std::vector<IdTable>& tables = group->second;
    std::erase_if(tables, [&](const IdTable& table) {
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

std::vector<SortedIds> MemoryIds::TakeOldest(size_t bytes) {
  struct Place {
    int32_t arrival_hour;
    uint32_t created_hour;
    uint64_t group;
  };
  std::vector<Place> places;
  for (const auto& [group, tables] : groups_) {
    for (const IdTable& table : tables) {
      places.push_back({table.arrival_hour(), static_cast<uint32_t>(group) & ~kHashedIdBit, group});
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.arrival_hour, a.created_hour, a.group) <
           std::tie(b.arrival_hour, b.created_hour, b.group);
  });
  std::vector<SortedIds> taken;
  size_t taken_bytes = 0;
  for (const Place& place : places) {
    if (taken_bytes >= bytes) break;
    std::vector<IdTable>& tables = groups_[place.group];
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const IdTable& one) {
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

RowMark MemoryIds::Earliest(const RowMark& last) const {
  RowMark earliest = last;
  for (const auto& [group, tables] : groups_) {
    for (const IdTable& table : tables) {
      if (table.before().offset < earliest.offset) earliest = table.before();
    }
  }
  return earliest;
}

}  // namespace picket::parser
