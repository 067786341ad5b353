#pragma once

// Finds which of many literals occur in a text, in one pass over it.

#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "detector/kernel.h"

namespace picket::detector {

// Every literal is filed under one of its 8-byte windows, the rarest; shorter ones under 4, 2 or 1 bytes. The windows are
// dealt to groups. A pass over the text asks of 64 (or 32) positions at once whether the bytes there fit the windows of
// one group, byte by byte; where they do, a bit set of window hashes rejects most of what is left, without a branch; a
// table leads from the window to its literals, and they are compared.
// Threads: immutable after construction. Each literal is reported wherever it occurs. An empty literal is not allowed.
class LiteralScanner {
 public:
  enum class Case : uint8_t {
    kAsIs,
    kIgnoreAscii,  // the text is not folded, the literals are
  };
  explicit LiteralScanner(std::vector<std::string> literals, Case letters = Case::kAsIs,
                          Kernel kernel = BestKernel());

  // Calls `found(index of the literal, where it begins)`; stops when that returns true, and then returns true.
  template <typename Found>
  bool Scan(std::string_view text, Found&& found) const {
    std::array<uint16_t, kChunk + kSlack> positions;
    for (size_t begin = 0; begin < text.size(); begin += kChunk) {
      const size_t fits = find_(*this, text, begin, positions.data());
      const size_t count = Sieve(text, begin, positions.data(), fits);
      for (size_t i = 0; i < count; ++i) {
        if (LookAt(text, begin + positions[i], found)) return true;
      }
    }
    return false;
  }

 private:
  static constexpr size_t kChunk = 512;  // bytes of text that are looked at between calls
  static constexpr size_t kSlack = 32;   // positions that may be written behind the last
  // Bytes that the groups look at, from the start of the window.
  static constexpr size_t kPlaces = 6, kFewPlaces = 4;
  static constexpr size_t kMaxSets = 2;
  static constexpr size_t kWindowSizes[] = {8, 4, 2, 1};

  struct Entry {
    uint32_t literal;
    uint32_t begin;  // in text_
    uint32_t size;
    uint32_t offset;  // of the window in the literal
  };
  // A window and its literals in entries_; none when the first is the last.
  struct Slot {
    uint64_t key = 0;
    uint32_t first = 0, last = 0;
  };
  // The windows of one size.
  struct Table {
    uint64_t mask = 0;  // of the bytes of a window
    uint32_t bit_shift = 0, slot_shift = 0;
    std::vector<uint64_t> bits;  // by hash
    std::vector<Slot> slots;

    bool MayHold(uint64_t key) const {
      const uint64_t bit = HashOf(key) >> bit_shift;
      return (bits[bit / 64] >> bit % 64 & 1) != 0;
    }
  };
  // Eight groups, one bit each: those whose windows may have a byte at a place; by byte (its low seven bits), and by
  // nibble.
  struct Groups {
    std::array<uint8_t, 128> byte = {};
    std::array<uint8_t, 16> low = {}, high = {};
  };

  // Writes the positions from `begin` on, from the next kChunk bytes, that may be the start of a window.
  using FindPositions = size_t (*)(const LiteralScanner&, std::string_view text, size_t begin,
                                   uint16_t* positions);
  static size_t FindPortable(const LiteralScanner&, std::string_view, size_t, uint16_t*);
#if defined(__x86_64__)
  template <size_t kSets, size_t kUsed>
  __attribute__((target("avx2"))) static size_t FindAvx2(const LiteralScanner&, std::string_view,
                                                         size_t, uint16_t*);
  template <size_t kSets, size_t kUsed>
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2"))) static size_t
  FindAvx512(const LiteralScanner&, std::string_view, size_t, uint16_t*);
#endif

  // Up to eight bytes of text, as the literals have them; what is not there is zero.
  uint64_t WindowAt(std::string_view text, size_t at) const {
    uint64_t window = 0;
    const size_t left = text.size() - at;
    if (left >= 8) {
      std::memcpy(&window, text.data() + at, 8);
    } else {
      std::memcpy(&window, text.data() + at, left);
    }
    if (letters_ == Case::kAsIs) return window;
    constexpr uint64_t kOnes = 0x0101010101010101;
    const uint64_t low = window & kOnes * 0x7F;
    const uint64_t is_upper =
        (low + kOnes * (0x80 - 'A')) & ~(low + kOnes * (0x7F - 'Z')) & ~window & kOnes * 0x80;
    return window | is_upper >> 2;
  }
  static uint64_t HashOf(uint64_t key) { return key * 0x9E3779B97F4A7C15u; }

  // Keeps the positions whose window may be one of the tables'.
  size_t Sieve(std::string_view text, size_t begin, uint16_t* positions, size_t count) const {
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint16_t position = positions[i];
      const uint64_t window = WindowAt(text, begin + position);
      bool may_hold = false;
      for (const Table& table : tables_) may_hold |= table.MayHold(window & table.mask);
      positions[kept] = position;
      kept += may_hold ? 1 : 0;
    }
    return kept;
  }

  template <typename Found>
  bool LookAt(std::string_view text, size_t at, Found&& found) const {
    const uint64_t window = WindowAt(text, at);
    for (const Table& table : tables_) {
      const uint64_t key = window & table.mask;
      if (table.MayHold(key) && Confirm(table, key, text, at, found)) return true;
    }
    return false;
  }

  template <typename Found>
  bool Confirm(const Table& table, uint64_t key, std::string_view text, size_t at,
               Found&& found) const {
    for (size_t i = HashOf(key) >> table.slot_shift;; i = (i + 1) & (table.slots.size() - 1)) {
      const Slot& slot = table.slots[i];
      if (slot.first == slot.last) return false;
      if (slot.key != key) continue;
      for (uint32_t k = slot.first; k < slot.last; ++k) {
        const Entry& entry = entries_[k];
        if (at < entry.offset || at - entry.offset + entry.size > text.size()) continue;
        const std::string_view literal(text_.data() + entry.begin, entry.size);
        if (!IsAt(literal, text.data() + at - entry.offset)) continue;
        if (found(entry.literal, at - entry.offset)) return true;
      }
      return false;
    }
  }
  bool IsAt(std::string_view literal, const char* at) const;

  void File(size_t size, std::vector<std::pair<uint64_t, Entry>> filed);
  void Deal(std::vector<std::string> windows);

  FindPositions find_ = nullptr;
  Case letters_;
  size_t sets_ = 1;          // of eight groups that are used
  size_t places_ = kPlaces;  // that are looked at: few windows are told apart by four
  std::array<std::array<Groups, kPlaces>, kMaxSets> groups_ = {};
  std::vector<Table> tables_;  // of the sizes that there are
  std::vector<Entry> entries_;
  std::string text_;  // of all literals
};

// Whether `text` holds `literal`.
bool ContainsText(std::string_view text, std::string_view literal, Kernel kernel = BestKernel());

// Whether a JSON text writes every letter as itself: ASCII, no \u. Then words, escaped, can be looked for in it as it is.
bool IsPlainAsciiJson(std::string_view json, Kernel kernel = BestKernel());

}  // namespace picket::detector
