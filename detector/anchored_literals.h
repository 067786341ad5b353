#pragma once

// Finds which of many literals a text is, begins with, or ends with.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "detector/literal_compare.h"

namespace picket::detector {

// Every literal is filed under a hash of the 8, 4, 2 or 1 bytes at its end (as many as it has), so a text is looked up
// once for each of these sizes that occurs, however many literals there are; a whole one under all of its text.
// Threads: immutable after construction. A literal may be reported more than once. An empty literal is only allowed as a
// whole one.
class AnchoredLiterals {
 public:
  enum class At : uint8_t { kWhole, kBegin, kEnd };

  AnchoredLiterals() = default;
  AnchoredLiterals(At at, const std::vector<std::string_view>& literals);

  bool empty() const { return bucket_.empty(); }

  // Calls `found(index of the literal)` for each.
  template <typename Found>
  void Find(std::string_view text, Found&& found) const {
    if (empty()) return;
    if (at_ == At::kWhole) {
      if ((sizes_ >> SizeBit(text.size()) & 1) != 0)
        Confirm(HashOf(text, text.size()), text, found);
      return;
    }
    for (size_t size = 8; size > 0; size /= 2) {
      if ((sizes_ & size) == 0 || text.size() < size) continue;
      Confirm(HashOf(Anchor(text, size), size), text, found);
    }
  }

 private:
  struct Entry {
    uint32_t literal;
    uint32_t begin;  // in text_
    uint32_t size;
  };

  static size_t SizeBit(size_t size) { return size < 63 ? size : 63; }
  std::string_view Anchor(std::string_view text, size_t size) const {
    return at_ == At::kEnd ? text.substr(text.size() - size) : text.substr(0, size);
  }
  // Size, first and last eight bytes.
  uint32_t HashOf(std::string_view text, size_t size) const {
    uint64_t first = 0, last = 0;
    if (size >= 8) {
      std::memcpy(&first, text.data(), 8);
      std::memcpy(&last, text.data() + size - 8, 8);
    } else if (size >= 4) {
      uint32_t low, high;
      std::memcpy(&low, text.data(), 4);
      std::memcpy(&high, text.data() + size - 4, 4);
      first = low;
      last = high;
    } else if (size > 0) {
      first = static_cast<unsigned char>(text[0]);
      last = static_cast<unsigned char>(text[size / 2]) << 8 |
             static_cast<unsigned char>(text[size - 1]);
    }
    uint64_t hash = (first ^ size * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ hash >> 32 ^ last) * 0x94D049BB133111EBu;
    return static_cast<uint32_t>(hash >> shift_);
  }

  template <typename Found>
  void Confirm(uint32_t hash, std::string_view text, Found&& found) const {
    for (uint32_t i = bucket_[hash]; i < bucket_[hash + 1]; ++i) {
      const Entry& entry = entries_[i];
      const std::string_view literal(text_.data() + entry.begin, entry.size);
      const bool is_there = at_ == At::kEnd     ? EndsWith(text, literal)
                            : at_ == At::kBegin ? BeginsWith(text, literal)
                                                : IsText(text, literal);
      if (is_there) found(entry.literal);
    }
  }

  At at_ = At::kWhole;
  uint32_t shift_ = 63;
  uint64_t sizes_ = 0;  // kWhole: bit by size (63: that or more); else the sizes of anchors, or-ed
  std::vector<uint32_t> bucket_;  // hash → first entry; one more than there are hashes
  std::vector<Entry> entries_;
  std::string text_;  // of all literals
};

}  // namespace picket::detector
