#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "parser/duplicates/packed_id.h"
#include "parser/duplicates/run_folder.h"

namespace picket::parser {

// The Ids of one tenant with the same hour of CreationTime and the same hour of arrival, sorted by
// (hash, id).
struct SortedIds {
  uint32_t hour_word;
  uint32_t tenant;
  int32_t arrival_hour;
  uint32_t count;
  std::unique_ptr<PackedId[]> ids;
};

// A hash set of the Ids of one tenant with the same hour of CreationTime and the same hour of
// arrival. The set uses open addressing. It grows by a fifth when it is 85 % full, so an Id takes
// 19 to 23 bytes.
class IdTable {
 public:
  // `before` identifies the row of `seen` that precedes the row with the table's first Id.
  IdTable(int32_t arrival_hour, const RowMark& before)
      : arrival_hour_(arrival_hour), before_(before) {}

  int32_t arrival_hour() const { return arrival_hour_; }
  const RowMark& before() const { return before_; }
  uint32_t size() const { return count_ + (has_zero_ ? 1 : 0); }
  size_t bytes() const { return kFixedBytes + capacity_ * sizeof(PackedId); }

  bool Has(const PackedId& id, uint64_t hash) const;
  // Adds an Id, which must not be in the table yet.
  void Add(const PackedId& id, uint64_t hash, const HashSeed& seed);
  // Moves the Ids out of the table and sorts them in place.
  SortedIds Sort(uint32_t tenant, uint32_t hour_word, const HashSeed& seed) &&;

 private:
  uint32_t SlotOf(uint64_t hash) const {
    return static_cast<uint32_t>((hash >> 32) * capacity_ >> 32);
  }
  void Place(const PackedId& id, uint64_t hash);
  void Grow(const HashSeed& seed);

  // The memory of a table besides its slots: the table object and its entry in MemoryIds::groups_.
  static constexpr size_t kFixedBytes = 112;

  int32_t arrival_hour_;
  uint32_t count_ = 0;  // Ids in `slots_`
  uint32_t capacity_ = 0;
  // True if the set contains the all-zero Id. This Id cannot be in a slot, because zeros mark an
  // empty slot.
  bool has_zero_ = false;
  RowMark before_;
  std::unique_ptr<PackedId[]> slots_;
};

// The committed Ids of a partition that are in memory.
// Threads: an object is used by one thread. Complexity: a lookup takes O(1) for each table that has
// the Id's tenant and hour of CreationTime. There is one such table per hour of arrival.
class MemoryIds {
 public:
  explicit MemoryIds(const HashSeed& seed) : seed_(seed) {}

  // Returns true if the Id is in memory and did not arrive before `horizon`.
  bool Has(const IdKey& key, const PackedId& id, int32_t horizon) const;
  // Adds an Id. The Id must not be in memory yet, unless its earlier arrival is outside of the
  // window.
  void Add(const IdKey& key, const PackedId& id, int32_t arrival_hour, const RowMark& before);

  // Drops all Ids that arrived before this hour, and returns the number of dropped Ids.
  int64_t DropBefore(int32_t arrival_hour);
  // Removes whole tables until at least `bytes` bytes have been removed or no table is left.
  // Returns the Ids of the removed tables. The tables with the oldest hour of arrival are removed
  // first and, among these, those with the oldest hour of CreationTime.
  std::vector<SortedIds> TakeOldest(size_t bytes);
  // Returns a row of `seen`. All Ids in memory come from later rows, so the runs are complete up to
  // this row. The row is the earliest `before` of the tables, or `last` if there is no table.
  RowMark Earliest(const RowMark& last) const;

  int64_t ids() const { return ids_; }
  size_t bytes() const { return bytes_; }

 private:
  // Returns a map key that combines a tenant's index and an hour word.
  static uint64_t GroupOf(const IdKey& key) {
    return static_cast<uint64_t>(key.tenant) << 32 | key.hour_word;
  }

  HashSeed seed_;
  absl::flat_hash_map<uint64_t, std::vector<IdTable>> groups_;
  int64_t ids_ = 0;
  size_t bytes_ = 0;
};

}  // namespace picket::parser
