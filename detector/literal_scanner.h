#pragma once

// Finds which of many literals occur in a text, in one pass over it.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace picket::detector {

// Every literal is filed under one of its 4-byte windows, the rarest; shorter ones under their 2 or 1 bytes. A bit set
// of window hashes rejects almost every position of a text, the rest are compared.
// Threads: immutable after construction. Complexity: one hash and one bit a byte of text. A literal may be reported
// more than once. An empty literal is not allowed.
class LiteralScanner {
 public:
  explicit LiteralScanner(std::vector<std::string> literals);

  // Calls `found(index of the literal)`; stops when that returns true, and then returns true.
  template <typename Found>
  bool Scan(std::string_view text, Found&& found) const {
    const char* const data = text.data();
    const size_t size = text.size();
    if (has_four_ && size >= 4) {
      for (size_t i = 0; i + 4 <= size; ++i) {
        uint32_t window;
        std::memcpy(&window, data + i, 4);
        if (Rejected(HashFour(window))) continue;
        if (Confirm(HashFour(window), text, i, found)) return true;
      }
    }
    if (has_two_ && size >= 2) {
      for (size_t i = 0; i + 2 <= size; ++i) {
        uint16_t window;
        std::memcpy(&window, data + i, 2);
        if (Rejected(HashTwo(window))) continue;
        if (Confirm(HashTwo(window), text, i, found)) return true;
      }
    }
    if (has_one_) {
      for (size_t i = 0; i < size; ++i) {
        const uint32_t hash = HashOne(static_cast<unsigned char>(data[i]));
        if (Rejected(hash)) continue;
        if (Confirm(hash, text, i, found)) return true;
      }
    }
    return false;
  }

 private:
  struct Entry {
    uint32_t literal;
    uint32_t offset;  // of the window in the literal
  };

  uint32_t HashFour(uint32_t window) const { return window * 0x9E3779B1u >> shift_; }
  uint32_t HashTwo(uint32_t window) const { return (window + 0x10000u) * 0x85EBCA6Bu >> shift_; }
  uint32_t HashOne(uint32_t byte) const { return (byte + 0x30000u) * 0xC2B2AE35u >> shift_; }
  bool Rejected(uint32_t hash) const { return (bits_[hash / 64] >> hash % 64 & 1) == 0; }

  template <typename Found>
  bool Confirm(uint32_t hash, std::string_view text, size_t at, Found&& found) const {
    for (uint32_t i = bucket_[hash]; i < bucket_[hash + 1]; ++i) {
      const Entry entry = entries_[i];
      const std::string& literal = literals_[entry.literal];
      if (at < entry.offset || at - entry.offset + literal.size() > text.size()) continue;
      if (std::memcmp(text.data() + at - entry.offset, literal.data(), literal.size()) != 0)
        continue;
      if (found(entry.literal)) return true;
    }
    return false;
  }

  std::vector<std::string> literals_;
  uint32_t shift_ = 0;
  bool has_four_ = false, has_two_ = false, has_one_ = false;
  std::vector<uint64_t> bits_;
  std::vector<uint32_t> bucket_;  // hash → first entry; one more than there are hashes
  std::vector<Entry> entries_;
};

}  // namespace picket::detector
