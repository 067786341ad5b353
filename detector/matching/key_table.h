#pragma once

// A hash table that maps the keys of JSON objects to indexes.

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/strings.h"
#include "detector/text/literal_compare.h"

namespace picket::detector {

// Looks up a short key in a few nanoseconds. Most keys of an event occur in no rule; a check of the
// first letter and the length rejects most of these keys.
// Threads: Any thread may use the table after Build. Failure: No call fails.
class KeyTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  void Build(const StringMap<uint32_t>& keys);
  // Returns kNone if the table does not contain the key.
  uint32_t Find(std::string_view key) const {
    if ((sizes_[StartOf(key)] >> (key.size() & 31) & 1) == 0) return kNone;
    const uint64_t hash = Hash(key);
    for (size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value == kNone) return kNone;
      if (slot.hash == hash && IsText(slot.key, key)) return slot.value;
    }
  }
  // Returns false only if no key of the table begins with the first letter of `key`.
  bool HasStart(std::string_view key) const { return sizes_[StartOf(key)] != 0; }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t value = kNone;
    std::string key;
  };

  static size_t StartOf(std::string_view key) {
    return key.empty() ? 0 : static_cast<unsigned char>(key[0]) & 31;
  }

  // Hashes the length and the first and last eight bytes. Keys with the same hash are compared byte
  // by byte.
  static uint64_t Hash(std::string_view key) {
    uint64_t first = 0, last = 0;
    const size_t size = key.size();
    if (size >= 8) {
      std::memcpy(&first, key.data(), 8);
      std::memcpy(&last, key.data() + size - 8, 8);
    } else if (size >= 4) {
      uint32_t low, high;
      std::memcpy(&low, key.data(), 4);
      std::memcpy(&high, key.data() + size - 4, 4);
      first = low;
      last = high;
    } else if (size > 0) {
      first = static_cast<unsigned char>(key[0]);
      last = static_cast<unsigned char>(key[size / 2]) << 8 |
             static_cast<unsigned char>(key[size - 1]);
    }
    uint64_t hash = (first ^ size * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ hash >> 32 ^ last) * 0x94D049BB133111EBu;
    return hash ^ hash >> 29;
  }

  // Bit n of sizes_[b] is set if the table has a key with the first byte b and the length n, both
  // modulo 32.
  std::array<uint32_t, 32> sizes_ = {};
  std::vector<Slot> slots_;  // size is a power of two and at least twice the number of keys
  size_t mask_ = 0;
};

}  // namespace picket::detector
