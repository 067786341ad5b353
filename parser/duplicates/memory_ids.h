#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "parser/duplicates/packed_id.h"
#include "parser/duplicates/run_folder.h"

namespace picket::parser {

// The Ids of one tenant, one hour of CreationTime and one hour of arrival, sorted by (hash, id).
struct SortedIds {
  uint32_t hour_word;
  uint32_t tenant;
  int32_t arrival_hour;
  uint32_t count;
  std::unique_ptr<PackedId[]> ids;
};

// A hash set of the Ids of one tenant, one hour of CreationTime and one hour of arrival. It uses
// open addressing, is filled to 85 % and grows by a fifth, so that an Id costs 19 to 23 bytes.
class IdTable {
 public:
  // `before` is the last row of `seen` before the first of these Ids.
  IdTable(int32_t arrival_hour, const RowMark& before)
      : arrival_hour_(arrival_hour), before_(before) {}

  int32_t arrival_hour() const { return arrival_hour_; }
  const RowMark& before() const { return before_; }
  uint32_t size() const { return count_ + (has_zero_ ? 1 : 0); }
  size_t bytes() const { return kFixedBytes + capacity_ * sizeof(PackedId); }

  bool Has(const PackedId& id, uint64_t hash) const;
  // The Id must not be in the table yet.
  void Add(const PackedId& id, uint64_t hash, const HashSeed& seed);
  // Moves the Ids out and sorts them in place.
  SortedIds Sort(uint32_t tenant, uint32_t hour_word, const HashSeed& seed) &&;

 private:
  uint32_t SlotOf(uint64_t hash) const {
    return static_cast<uint32_t>((hash >> 32) * capacity_ >> 32);
  }
  void Place(const PackedId& id, uint64_t hash);
  void Grow(const HashSeed& seed);

  // The table object, its entry in the map, and the header of the vector that holds it.
  static constexpr size_t kFixedBytes = 112;

  int32_t arrival_hour_;
  uint32_t count_ = 0;  // of `slots_`
  uint32_t capacity_ = 0;
  bool has_zero_ = false;  // contains the Id of zeros, which marks empty slots
  RowMark before_;
  std::unique_ptr<PackedId[]> slots_;
};

// The committed Ids of a partition that are in memory.
// Threads: one. Complexity: O(1) per Id for each hour of arrival among the Ids of its hour of
// CreationTime.
class MemoryIds {
 public:
  explicit MemoryIds(const HashSeed& seed) : seed_(seed) {}

  // Ignores Ids that arrived before `horizon`.
  bool Has(const IdKey& key, const PackedId& id, int32_t horizon) const;
  // The Id must not be there yet, except with an arrival outside of the window.
  void Add(const IdKey& key, const PackedId& id, int32_t arrival_hour, const RowMark& before);

  // Drops the Ids that arrived before this hour. Returns their number.
  int64_t DropBefore(int32_t arrival_hour);
  // Removes and returns whole tables of at least `bytes` together, or everything if there is less:
  // the oldest arrivals first, and within one hour of arrival the oldest hours of CreationTime.
  std::vector<SortedIds> TakeOldest(size_t bytes);
  // The last row of `seen` that precedes every Id in memory: the earliest `before`, or `last` if
  // memory is empty.
  RowMark Earliest(const RowMark& last) const;

  int64_t ids() const { return ids_; }
  size_t bytes() const { return bytes_; }

 private:
  // Combines a tenant's number and an hour of CreationTime.
  static uint64_t GroupOf(const IdKey& key) {
    return static_cast<uint64_t>(key.tenant) << 32 | key.hour_word;
  }

  HashSeed seed_;
  absl::flat_hash_map<uint64_t, std::vector<IdTable>> groups_;
  int64_t ids_ = 0;
  size_t bytes_ = 0;
};

}  // namespace picket::parser
