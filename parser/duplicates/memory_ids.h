#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "parser/duplicates/run_folder.h"
#include "parser/duplicates/seen_id.h"

namespace picket::parser {

// Ids of one tenant, hour of CreationTime and hour of arrival, in the order of (hash, id).
struct SortedSeenIds {
  uint32_t hour_word;
  uint32_t tenant;
  int32_t arrival_hour;
  uint32_t count;
  std::unique_ptr<SeenId[]> ids;
};

// The Ids of one tenant, hour of CreationTime and hour of arrival: open addressing, filled to 85 %, grown by a fifth,
// so that an Id costs 19 to 23 bytes.
class SeenTable {
 public:
  // `before` is the last row of `seen` before the first of these Ids.
  SeenTable(int32_t arrival_hour, const SeenMark& before)
      : arrival_hour_(arrival_hour), before_(before) {}

  int32_t arrival_hour() const { return arrival_hour_; }
  const SeenMark& before() const { return before_; }
  uint32_t size() const { return count_ + (has_zero_ ? 1 : 0); }
  size_t bytes() const { return kFixedBytes + capacity_ * sizeof(SeenId); }

  bool Has(const SeenId& id, uint64_t hash) const;
  // The Id is not there yet.
  void Add(const SeenId& id, uint64_t hash, const SeenSeed& seed);
  // Takes the Ids out, sorted in place.
  SortedSeenIds Sort(uint32_t tenant, uint32_t hour_word, const SeenSeed& seed) &&;

 private:
  uint32_t SlotOf(uint64_t hash) const {
    return static_cast<uint32_t>((hash >> 32) * capacity_ >> 32);
  }
  void Place(const SeenId& id, uint64_t hash);
  void Grow(const SeenSeed& seed);

  // The table itself, its place in the map and the vector's head.
  static constexpr size_t kFixedBytes = 112;

  int32_t arrival_hour_;
  uint32_t count_ = 0;
  uint32_t capacity_ = 0;
  bool has_zero_ = false;
  SeenMark before_;
  std::unique_ptr<SeenId[]> slots_;
};

// The Ids of a partition that are in memory, committed ones only.
// Threads: one. Complexity: O(1) an Id for each hour of arrival that its hour of CreationTime has.
class SeenMemory {
 public:
  explicit SeenMemory(const SeenSeed& seed) : seed_(seed) {}

  bool Has(const SeenKey& key, const SeenId& id, int32_t horizon) const;
  // It is not there yet, but for arrivals that are out of the window.
  void Add(const SeenKey& key, const SeenId& id, int32_t arrival_hour, const SeenMark& before);

  // Drops what arrived before; says how many.
  int64_t DropBefore(int32_t arrival_hour);
  // Takes out at least `bytes` where there are so many: the oldest arrivals first, of one arrival the oldest hours of
  // CreationTime. Whole tables.
  std::vector<SortedSeenIds> TakeOldest(size_t bytes);
  // The last row of `seen` that nothing in memory is of: the earliest `before`, `last` where memory is empty.
  SeenMark Earliest(const SeenMark& last) const;

  int64_t ids() const { return ids_; }
  size_t bytes() const { return bytes_; }

 private:
  // A tenant's number and an hour of CreationTime.
  static uint64_t GroupOf(const SeenKey& key) {
    return static_cast<uint64_t>(key.tenant) << 32 | key.hour_word;
  }

  SeenSeed seed_;
  absl::flat_hash_map<uint64_t, std::vector<SeenTable>> groups_;
  int64_t ids_ = 0;
  size_t bytes_ = 0;
};

}  // namespace picket::parser
