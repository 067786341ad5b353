#pragma once

// Finds the literals of a large set that occur in a text, in one pass over the text.
//
//   text       c m d . e x e   / c   w h o a m i
//   1 shuffle  . . . . X . . . . . . . X . . . .   do the next 4 or 6 bytes fit one of 8 or 16
//                                                  groups of windows? (64 or 32 positions at once)
//   2 starts           .               X           does a window begin here? (bit set, no branch)
//   3 windows                          X           is this a whole window? (bit set)
//   4 table                            X           which literals match? (hash table by window)
//
// The scanner searches for one window of each literal. A window consists of 8 consecutive bytes of
// the literal, or of 4, 3, 2 or 1 bytes if the literal has fewer than 8. literal_windows.h chooses
// a window that is rare in events and assigns the window to a group. Each group has a set of bytes
// for each place in a window. One byte shuffle per place determines which of eight groups contain
// the byte, for all positions of a vector register at once. The results for all places are combined
// by a bitwise AND. With a few hundred literals, 1 to 3 % of the positions pass step 1. With
// thousands of literals, most positions would pass. In that case, step 1 is used only for short
// windows, and step 2 tests every position for long windows. Each step is a separate loop that
// processes 512 bytes of text at a time and has no unpredictable branches.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "detector/text/cpu_kernel.h"
#include "detector/text/literal_windows.h"

namespace picket::detector {

// Reports each literal at every place where it occurs. An empty literal is not allowed.
// Threads: an instance is immutable after construction. Lifetime: an instance owns copies of the
// literals. Failure: no operation can fail.
// Complexity: a scan is linear in the size of the text if literals rarely occur. The speed does not
// depend on the number of literals as long as the tables fit in the cache.
class LiteralScanner {
 public:
  enum class Case : uint8_t {
    kAsIs,
    kIgnoreAscii,  // ASCII letters match in either case; the literals must be in lower case
  };
  explicit LiteralScanner(std::vector<std::string> literals, Case letters = Case::kAsIs,
                          Kernel kernel = BestKernel());

  // Calls `found(index of the literal, position in the text)` for each occurrence. Stops and
  // returns true when `found` returns true.
  template <typename Found>
  bool Scan(std::string_view text, Found&& found) const {
    if (text.empty()) return false;
    const Windows windows(text);
    std::array<uint16_t, kChunk * 2 + kSlack> positions;
    for (size_t begin = 0; begin < text.size(); begin += kChunk) {
      const size_t count = find_(*this, text, windows, begin, positions.data());
      for (size_t i = 0; i < count; ++i) {
        const uint16_t position = positions[i];
        const size_t at = begin + (position & (kChunk - 1));
        const uint64_t window = Letters(windows.At(at));
        if ((position & kLong) != 0 && LookIn(long_tables_, window, text, at, found)) return true;
        if ((position & kShort) != 0 && LookIn(short_tables_, window, text, at, found)) return true;
      }
    }
    return false;
  }

 private:
  static constexpr size_t kChunk = 512;  // bytes of text that each step processes
  static constexpr size_t kSlack = 32;   // room for writes after the last position
  // Flags that are added to a position: a long window (at least four bytes) or a short window may
  // begin there.
  static constexpr uint16_t kLong = kChunk, kShort = kChunk * 2;
  // Groups test the first kPlaces places of a window, or only kFewPlaces if there are few windows.
  static constexpr size_t kPlaces = LiteralWindows::kMaxPlaces, kFewPlaces = 4;
  static constexpr size_t kMaxSets = LiteralWindows::kMaxGroups / 8;

  // Loads four or eight bytes from any position of a text. Pads the end of the text with zeros.
  class Windows {
   public:
    explicit Windows(std::string_view text) : text_(text.data()) {
      if (text.size() > 8) tail_begin_ = text.size() - 8;
      std::memcpy(tail_, text.data() + tail_begin_, text.size() - tail_begin_);
    }
    uint64_t At(size_t at) const { return Load<uint64_t>(at); }
    uint32_t FourAt(size_t at) const { return Load<uint32_t>(at); }

   private:
    template <typename Word>
    Word Load(size_t at) const {
      Word word;
      std::memcpy(&word, at < tail_begin_ ? text_ + at : tail_ + (at - tail_begin_), sizeof(word));
      return word;
    }
    const char* text_;
    size_t tail_begin_ = 0;
    char tail_[16] = {};
  };

  struct Entry {
    uint32_t literal;
    uint32_t begin;  // position in literals_
    uint32_t size;
    uint32_t offset;  // position of the window in the literal
  };
  // A window, and the range entries_[first, last) of the literals that have this window. A slot
  // with first == last is free.
  struct Slot {
    uint64_t key = 0;
    uint32_t first = 0, last = 0;
  };
  // A set of 32-bit hashes, with false positives.
  class BitSet {
   public:
    BitSet() = default;
    // Constructs an empty set of 2^bits bits.
    explicit BitSet(uint32_t bits) : shift_(32 - bits), words_((size_t{1} << bits) / 32) {}
    void Add(uint32_t hash) { words_[hash >> shift_ >> 5] |= uint32_t{1} << (hash >> shift_ & 31); }
    // Returns 1 if the set may contain the hash, and 0 otherwise.
    uint32_t MayHold(uint32_t hash) const {
      return words_[hash >> shift_ >> 5] >> (hash >> shift_ & 31) & 1;
    }

   private:
    uint32_t shift_ = 27;
    std::vector<uint32_t> words_ = {0};
  };
  // The hash table of the windows of one size.
  struct Table {
    uint64_t mask = 0;  // has ones at the bytes of a window
    uint32_t slot_shift = 0;
    BitSet windows;
    std::vector<Slot> slots;
  };
  // For one place, the groups whose windows can have a given byte at this place, with one bit per
  // group. `byte` is indexed by the low seven bits of the byte, `low` by the low nibble, and `high`
  // by the high nibble.
  struct Groups {
    std::array<uint8_t, 128> byte = {};
    std::array<uint8_t, 16> low = {}, high = {};
  };

  // Sets `positions` to the positions in [begin, begin + kChunk) at which a window may begin. Each
  // position is relative to `begin` and has the flag kLong, the flag kShort, or both. Returns the
  // number of positions.
  using FindPositions = size_t (*)(const LiteralScanner&, std::string_view text,
                                   const Windows& windows, size_t begin, uint16_t* positions);
  static size_t FindPortable(const LiteralScanner&, std::string_view, const Windows&, size_t,
                             uint16_t*);
#if defined(__x86_64__)
  // If kSets is 0, there are no groups and no position passes step 1.
  template <size_t kSets, size_t kUsed>
  __attribute__((target("avx2,bmi,bmi2"))) static size_t FindAvx2(const LiteralScanner&,
                                                                  std::string_view, const Windows&,
                                                                  size_t, uint16_t*);
  template <size_t kSets, size_t kUsed>
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2"))) static size_t
  FindAvx512(const LiteralScanner&, std::string_view, const Windows&, size_t, uint16_t*);
#endif
  size_t Filter(std::string_view text, const Windows& windows, size_t begin, uint16_t* positions,
                size_t count) const;
  template <uint16_t kKinds, typename Position>
  size_t FilterBy(std::string_view text, const Windows& windows, size_t begin, size_t count,
                  Position position, uint16_t* kept) const;

  // Converts ASCII letters in a word to lower case if case is ignored.
  template <typename Word>
  Word Letters(Word bytes) const {
    if (letters_ == Case::kAsIs) return bytes;
    constexpr Word kOnes = static_cast<Word>(0x0101010101010101);
    const Word low = bytes & kOnes * 0x7F;
    const Word is_upper =
        (low + kOnes * (0x80 - 'A')) & ~(low + kOnes * (0x7F - 'Z')) & ~bytes & kOnes * 0x80;
    return bytes | is_upper >> 2;
  }
  static uint64_t HashOf(uint64_t key) { return key * 0x9E3779B97F4A7C15u; }
  static uint32_t HashOfStart(uint32_t start) { return start * 0x9E3779B1u; }

  template <typename Found>
  bool LookIn(const std::vector<Table>& tables, uint64_t window, std::string_view text, size_t at,
              Found&& found) const {
    for (const Table& table : tables) {
      const uint64_t key = window & table.mask, hash = HashOf(key);
      if (table.windows.MayHold(static_cast<uint32_t>(hash >> 32)) != 0 &&
          Confirm(table, key, hash, text, at, found)) {
        return true;
      }
    }
    return false;
  }

  template <typename Found>
  bool Confirm(const Table& table, uint64_t key, uint64_t hash, std::string_view text, size_t at,
               Found&& found) const {
    for (size_t i = hash >> table.slot_shift;; i = (i + 1) & (table.slots.size() - 1)) {
      const Slot& slot = table.slots[i];
      if (slot.first == slot.last) return false;
      if (slot.key != key) continue;
      for (uint32_t k = slot.first; k < slot.last; ++k) {
        const Entry& entry = entries_[k];
        if (at < entry.offset || at - entry.offset + entry.size > text.size()) continue;
        const std::string_view literal(literals_.data() + entry.begin, entry.size);
        if (!IsAt(literal, text.data() + at - entry.offset)) continue;
        if (found(entry.literal, at - entry.offset)) return true;
      }
      return false;
    }
  }
  bool IsAt(std::string_view literal, const char* at) const;

  void AddTable(size_t size, std::vector<std::pair<uint64_t, Entry>> by_window);
  void FillStarts();
  void FillGroups(const std::vector<std::string>& literals, const LiteralWindows& chosen);

  FindPositions find_ = nullptr;
  Case letters_;
  // True if step 1 is skipped for long windows. The groups then contain only short windows.
  bool filters_all_ = false;
  size_t sets_ = 1;          // number of sets of eight groups
  size_t places_ = kPlaces;  // tested places of each window; kFewPlaces if there are few windows
  std::array<std::array<Groups, kPlaces>, kMaxSets> groups_ = {};
  // The first four bytes of long windows, and the first two bytes of short windows.
  BitSet long_starts_, short_starts_;
  std::vector<Table> long_tables_, short_tables_;  // one per window size
  std::vector<Entry> entries_;
  std::string literals_;  // all literals, concatenated
};

// Returns true if `text` contains `literal`.
bool ContainsText(std::string_view text, std::string_view literal, Kernel kernel = BestKernel());

// Returns true if a JSON text consists of ASCII without \u escapes. In such a text, a string can be
// found without removing the escapes: search for the JSON spellings of the string.
bool IsPlainAsciiJson(std::string_view json, Kernel kernel = BestKernel());

}  // namespace picket::detector
