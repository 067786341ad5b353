#pragma once

// Searches a set of literals for those that a text equals, begins with or ends with.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "detector/text/literal_compare.h"

namespace picket::detector {

// A hash table of literals. For kWhole, the key of a literal is a hash of the whole literal. For
// kBegin and kEnd, the key is a hash of the outermost bytes: the first bytes for kBegin, and the
// last bytes for kEnd. The number of hashed bytes is 8, 4, 2 or 1, whichever is the largest that
// does not exceed the size of the literal. A text is therefore looked up at most four times,
// however many literals there are. Two look-ups can reach the same bucket, so a literal may be
// reported more than once. An empty literal is allowed only for kWhole. Threads: an instance is
// immutable after construction. Lifetime: an instance owns copies of the literals. Failure: no
// operation can fail.
class AnchoredLiterals {
 public:
  enum class At : uint8_t { kWhole, kBegin, kEnd };

  AnchoredLiterals() = default;
  AnchoredLiterals(At at, const std::vector<std::string_view>& literals);

  bool empty() const { return bucket_.empty(); }

  // Calls `found(index of the literal)` for each literal that `text` equals, begins with or ends
  // with, depending on At.
  template <typename Found>
  void Find(std::string_view text, Found&& found) const {
    if (empty()) return;
    if (at_ == At::kWhole) {
      if ((sizes_ >> SizeBit(text.size()) & 1) != 0) Look(HashOfWhole(text), text, found);
      return;
    }
    const uint64_t anchor = AnchorOf(text);
    for (size_t size = 8; size > 0; size /= 2) {
      if ((sizes_ & size) != 0 && text.size() >= size) {
        Look(HashOfAnchor(anchor, size), text, found);
      }
    }
  }

 private:
  struct Entry {
    uint32_t literal;
    uint32_t begin;  // position in literals_
    uint32_t size;
  };

  static size_t SizeBit(size_t size) { return size < 63 ? size : 63; }
  // Returns the outermost eight bytes. If the text is shorter, zeros replace the missing bytes.
  uint64_t AnchorOf(std::string_view text) const {
    uint64_t bytes = 0;
    if (text.size() >= 8) {
      std::memcpy(&bytes, at_ == At::kEnd ? text.data() + text.size() - 8 : text.data(), 8);
    } else if (!text.empty()) {
      std::memcpy(&bytes, text.data(), text.size());
      if (at_ == At::kEnd) bytes <<= 8 * (8 - text.size());
    }
    return bytes;
  }
  // Returns the hash of the outermost `size` bytes.
  uint64_t HashOfAnchor(uint64_t anchor, size_t size) const {
    const uint64_t others = 8 * (8 - size);
    const uint64_t key = at_ == At::kEnd ? anchor >> others : anchor << others;
    return (key ^ key >> 31 ^ size) * 0x9E3779B97F4A7C15u;
  }
  // Returns a hash of the size and of the first and the last eight bytes.
  static uint64_t HashOfWhole(std::string_view text) {
    uint64_t first = 0, last = 0;
    const size_t size = text.size();
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
    return hash;
  }

  // Reports each literal in the bucket of this hash that the text equals, begins with or ends with.
  // The filter rejects most texts, and is small enough to stay in the L1 cache.
  template <typename Found>
  void Look(uint64_t hash, std::string_view text, Found&& found) const {
    const uint64_t bit = hash >> (shift_ - kFilterBits);
    if ((filter_[bit / 64] >> (bit % 64) & 1) == 0) return;
    const uint64_t bucket = hash >> shift_;
    for (uint32_t i = bucket_[bucket]; i < bucket_[bucket + 1]; ++i) {
      const Entry& entry = entries_[i];
      const std::string_view literal(literals_.data() + entry.begin, entry.size);
      const bool is_there = at_ == At::kEnd     ? EndsWith(text, literal)
                            : at_ == At::kBegin ? BeginsWith(text, literal)
                                                : IsText(text, literal);
      if (is_there) found(entry.literal);
    }
  }

  // The filter has 2^kFilterBits bits per bucket.
  static constexpr uint32_t kFilterBits = 3;

  At at_ = At::kWhole;
  uint32_t shift_ = 63;
  // For kWhole, a set of the sizes of the literals with one bit per size; bit 63 means 63 bytes or
  // more. For kBegin and kEnd, the bitwise OR of the sizes (8, 4, 2 or 1) of the hashed parts.
  uint64_t sizes_ = 0;
  std::vector<uint64_t> filter_;  // one bit per range of hashes, set if the range is used
  std::vector<uint32_t> bucket_;  // first entry of each bucket; the last element is the end
  std::vector<Entry> entries_;
  std::string literals_;  // all literals, concatenated
};

}  // namespace picket::detector
