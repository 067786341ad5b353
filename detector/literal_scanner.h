#pragma once

// Finds which of many literals occur in a text, in one pass over it.

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/kernel.h"

namespace picket::detector {

// Every literal is filed under one of its 4-byte windows, the rarest; shorter ones under their 2 or 1 bytes. The windows
// are dealt to eight groups. A pass over the text asks of 64 (or 32) positions at once whether the bytes there fit the
// windows of one group, byte by byte; where they do, a bit set of window hashes rejects most of what is left, a table
// leads from the window to its literals, and they are compared.
// Threads: immutable after construction. A literal may be reported more than once. An empty literal is not allowed.
class LiteralScanner {
 public:
  enum class Case : uint8_t {
    kAsIs,
    kIgnoreAscii,  // the text is not folded, the literals are
  };
  explicit LiteralScanner(std::vector<std::string> literals, Case letters = Case::kAsIs,
                          Kernel kernel = BestKernel());

  // Calls `found(index of the literal)`; stops when that returns true, and then returns true.
  template <typename Found>
  bool Scan(std::string_view text, Found&& found) const {
    std::array<uint16_t, kChunk> positions;
    for (size_t begin = 0; begin < text.size(); begin += kChunk) {
      const size_t count = find_(*this, text, begin, positions.data());
      for (size_t i = 0; i < count; ++i) {
        if (LookAt(text, begin + positions[i], found)) return true;
      }
    }
    return false;
  }

 private:
  static constexpr size_t kChunk = 512;  // bytes of text that are looked at between calls
  // Bytes that the groups look at: the window and what follows it.
  static constexpr size_t kPlaces = 6;

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
  // Groups whose windows may have a byte at a place, one bit each: by byte (its low seven bits), and by nibble.
  struct Groups {
    std::array<uint8_t, 128> byte = {};
    std::array<uint8_t, 16> low = {}, high = {};
  };

  // Writes the positions from `begin` on, at most kChunk of them, that may be the start of a window.
  using FindPositions = size_t (*)(const LiteralScanner&, std::string_view text, size_t begin,
                                   uint16_t* positions);
  static size_t FindPortable(const LiteralScanner&, std::string_view, size_t, uint16_t*);
  static size_t FindAvx2(const LiteralScanner&, std::string_view, size_t, uint16_t*);
  static size_t FindAvx512(const LiteralScanner&, std::string_view, size_t, uint16_t*);

  static uint32_t FoldWord(uint32_t word) {
    const uint32_t low = word & 0x7F7F7F7F;
    const uint32_t is_upper = (low + 0x3F3F3F3F) & ~(low + 0x25252525) & ~word & 0x80808080;
    return word | is_upper >> 2;
  }

  template <typename Found>
  bool LookAt(std::string_view text, size_t at, Found&& found) const {
    const size_t left = text.size() - at;
    uint32_t window = 0;
    std::memcpy(&window, text.data() + at, left < 4 ? left : 4);
    if (letters_ == Case::kIgnoreAscii) window = FoldWord(window);
    if (has_four_ && left >= 4 && Confirm(KeyOf(window, 4), text, at, found)) return true;
    if (has_two_ && left >= 2 && Confirm(KeyOf(window, 2), text, at, found)) return true;
    return has_one_ && Confirm(KeyOf(window, 1), text, at, found);
  }

  // The first `size` bytes of a window, and how many they are.
  static uint64_t KeyOf(uint32_t window, size_t size) {
    return (size == 4 ? window : window & ((uint32_t{1} << 8 * size) - 1)) | uint64_t{size} << 32;
  }
  static uint64_t HashOf(uint64_t key) { return key * 0x9E3779B97F4A7C15u; }

  bool IsAt(std::string_view literal, const char* at) const;

  template <typename Found>
  bool Confirm(uint64_t key, std::string_view text, size_t at, Found&& found) const {
    const uint64_t hash = HashOf(key);
    const uint64_t bit = hash >> bit_shift_;
    if ((bits_[bit / 64] >> bit % 64 & 1) == 0) return false;
    for (size_t slot = hash >> slot_shift_;; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot].first == slots_[slot].last) return false;
      if (slots_[slot].key != key) continue;
      for (uint32_t i = slots_[slot].first; i < slots_[slot].last; ++i) {
        const Entry& entry = entries_[i];
        if (at < entry.offset || at - entry.offset + entry.size > text.size()) continue;
        const std::string_view literal(text_.data() + entry.begin, entry.size);
        if (!IsAt(literal, text.data() + at - entry.offset)) continue;
        if (found(entry.literal)) return true;
      }
      return false;
    }
  }

  void File(std::vector<std::pair<uint64_t, Entry>> filed);
  void Deal(std::vector<std::string> windows);

  FindPositions find_ = nullptr;
  Case letters_;
  bool has_four_ = false, has_two_ = false, has_one_ = false;
  std::array<Groups, kPlaces> groups_ = {};  // by place from the start of the window
  size_t places_ = kPlaces;  // that are looked at: few windows are told apart by four
  uint32_t bit_shift_ = 0, slot_shift_ = 0;
  std::vector<uint64_t> bits_;
  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  std::string text_;  // of all literals
};

// Whether `text` holds `literal`.
bool ContainsText(std::string_view text, std::string_view literal, Kernel kernel = BestKernel());

// Whether there is one way only in which a JSON text can have written a word: ASCII, no \u, and no \/ where
// `slashes_count`. Then words, escaped, can be looked for in it as it is.
bool IsPlainAsciiJson(std::string_view json, bool slashes_count, Kernel kernel = BestKernel());

}  // namespace picket::detector
