#include "detector/text/literal_scanner.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>

#include "common/check.h"
#include "detector/text/literal_compare.h"
#include "detector/text/literal_windows.h"
#include "json/json_tokens.h"

namespace picket::detector {
namespace {

char FoldAsciiByte(char c) {
  return static_cast<unsigned char>(c - 'A') < 26 ? static_cast<char>(c | 0x20) : c;
}

// Returns the smallest number of bits that is at least `least` and for which 2^bits >= count.
uint32_t BitsFor(size_t count, uint32_t least) {
  uint32_t bits = least;
  while ((size_t{1} << bits) < count) ++bits;
  return bits;
}

uint64_t Bytes(std::string_view literal, size_t offset, size_t size) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, literal.data() + offset, size);
  return bytes;
}

}  // namespace

LiteralScanner::LiteralScanner(std::vector<std::string> literals, Case letters, Kernel kernel)
    : letters_(letters) {
  for (const std::string& literal : literals) PICKET_CHECK(!literal.empty());
  LiteralWindows chosen = ChooseWindows(literals);
  std::array<std::vector<std::pair<uint64_t, Entry>>, std::size(kWindowSizes)> by_window;
  for (uint32_t id = 0; id < literals.size(); ++id) {
    const std::string& literal = literals[id];
    const auto size = static_cast<uint32_t>(literal.size());
    const Entry entry{id, static_cast<uint32_t>(literals_.size()), size, chosen.windows[id].offset};
    literals_ += literal;
    size_t table = 0;
    while (kWindowSizes[table] > size) ++table;
    by_window[table].emplace_back(Bytes(literal, entry.offset, kWindowSizes[table]), entry);
  }
  for (size_t i = 0; i < by_window.size(); ++i) AddTable(kWindowSizes[i], std::move(by_window[i]));
  FillStarts();
  // The largest share of positions that may pass step 1. Above this share, step 1 rejects too few
  // positions to be useful.
  constexpr double kMost = 0.4;
  if (chosen.fit > kMost) {
    filters_all_ = true;
    std::erase_if(literals, [](const std::string& literal) { return literal.size() >= 4; });
    chosen = ChooseWindows(literals);
  }
  FillGroups(literals, chosen);
  find_ = FindPortable;
#if defined(__x86_64__)
  const bool is_few = places_ < kPlaces;
  if (kernel == Kernel::kAvx2) {
    find_ = sets_ == 0   ? FindAvx2<0, 0>
            : is_few     ? FindAvx2<1, kFewPlaces>
            : sets_ == 1 ? FindAvx2<1, kPlaces>
                         : FindAvx2<2, kPlaces>;
  } else if (kernel == Kernel::kAvx512) {
    find_ = sets_ == 0   ? FindAvx512<0, 0>
            : is_few     ? FindAvx512<1, kFewPlaces>
            : sets_ == 1 ? FindAvx512<1, kPlaces>
                         : FindAvx512<2, kPlaces>;
  }
#endif
}

void LiteralScanner::AddTable(size_t size, std::vector<std::pair<uint64_t, Entry>> by_window) {
  if (by_window.empty()) return;
  Table& table = (size >= 4 ? long_tables_ : short_tables_).emplace_back();
  table.mask = size == 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * size) - 1;
  std::stable_sort(by_window.begin(), by_window.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  size_t keys = 1;
  for (size_t i = 1; i < by_window.size(); ++i)
    keys += by_window[i].first != by_window[i - 1].first ? 1 : 0;
  const uint32_t slot_bits = BitsFor(keys * 2, 1);
  table.slot_shift = 64 - slot_bits;
  table.slots.resize(size_t{1} << slot_bits);
  table.windows = BitSet(BitsFor(keys * 16, 5));
  for (size_t i = 0; i < by_window.size();) {
    Slot slot{by_window[i].first, static_cast<uint32_t>(entries_.size()), 0};
    for (; i < by_window.size() && by_window[i].first == slot.key; ++i)
      entries_.push_back(by_window[i].second);
    slot.last = static_cast<uint32_t>(entries_.size());
    const uint64_t hash = HashOf(slot.key);
    table.windows.Add(static_cast<uint32_t>(hash >> 32));
    size_t at = hash >> table.slot_shift;
    while (table.slots[at].first != table.slots[at].last) at = (at + 1) & (table.slots.size() - 1);
    table.slots[at] = slot;
  }
}

void LiteralScanner::FillStarts() {
  std::vector<uint32_t> starts[2];
  for (const Table& table : long_tables_) {
    for (const Slot& slot : table.slots) {
      if (slot.first < slot.last) starts[0].push_back(static_cast<uint32_t>(slot.key));
    }
  }
  for (const Table& table : short_tables_) {
    for (const Slot& slot : table.slots) {
      if (slot.first == slot.last) continue;
      // short_starts_ contains pairs of bytes, and any byte can follow a window of one byte.
      const uint32_t seconds = table.mask == 0xFF ? 256 : 1;
      for (uint32_t second = 0; second < seconds; ++second) {
        starts[1].push_back((static_cast<uint32_t>(slot.key) & 0xFFFF) | second << 8);
      }
    }
  }
  BitSet* const sets[] = {&long_starts_, &short_starts_};
  for (size_t i = 0; i < 2; ++i) {
    *sets[i] = BitSet(BitsFor(starts[i].size() * 16, 5));
    for (const uint32_t start : starts[i]) sets[i]->Add(HashOfStart(start));
  }
}

void LiteralScanner::FillGroups(const std::vector<std::string>& literals,
                                const LiteralWindows& chosen) {
  sets_ = chosen.groups / 8;
  places_ = chosen.places;
  for (size_t id = 0; id < literals.size(); ++id) {
    const std::string& literal = literals[id];
    const auto [offset, group] = chosen.windows[id];
    const auto bit = static_cast<uint8_t>(1 << group % 8);
    const size_t size = WindowSizeOf(literal.size());
    const size_t end = size >= 4 ? literal.size() : offset + size;
    for (size_t k = 0; k < places_; ++k) {
      Groups& mine = groups_[group / 8][k];
      if (offset + k >= end) {  // any byte can follow the window
        for (uint8_t& groups : mine.byte) groups |= bit;
        for (uint8_t& groups : mine.low) groups |= bit;
        for (uint8_t& groups : mine.high) groups |= bit;
        continue;
      }
      const auto add = [&](size_t byte) {
        mine.byte[byte & 127] |= bit;
        mine.low[byte & 15] |= bit;
        mine.high[byte >> 4] |= bit;
      };
      const auto c = static_cast<unsigned char>(literal[offset + k]);
      add(c);
      if (letters_ == Case::kIgnoreAscii && c >= 'a' && c <= 'z') add(c & ~size_t{0x20});
    }
  }
}

bool LiteralScanner::IsAt(std::string_view literal, const char* at) const {
  if (letters_ == Case::kAsIs) return HasBytes(at, literal);
  const auto differ = [&](size_t i) {
    uint64_t bytes;
    std::memcpy(&bytes, at + i, sizeof(bytes));
    return Letters(bytes) != Bytes(literal, i, sizeof(bytes));
  };
  if (literal.size() < 8) {
    return std::equal(literal.begin(), literal.end(), at,
                      [](char a, char b) { return a == FoldAsciiByte(b); });
  }
  for (size_t i = 0; i + 8 < literal.size(); i += 8) {
    if (differ(i)) return false;
  }
  return !differ(literal.size() - 8);
}

// Keeps the positions at which a window may begin. Returns the number of kept positions. kKinds
// selects long windows (kLong), short windows (kShort) or both. The function is always inlined, so
// that each kernel compiles the function for its own instruction set.
template <uint16_t kKinds, typename Position>
__attribute__((always_inline)) inline size_t LiteralScanner::FilterBy(std::string_view text,
                                                                      const Windows& windows,
                                                                      size_t begin, size_t count,
                                                                      Position position,
                                                                      uint16_t* kept) const {
  const char* const from = text.data() + begin;
  const size_t left = text.size() - begin;
  size_t kept_count = 0;
  const auto filter = [&](size_t place, uint32_t bytes) __attribute__((always_inline)) {
    const uint32_t start = Letters(bytes);
    uint32_t kinds = 0;
    if ((kKinds & kLong) != 0) kinds |= long_starts_.MayHold(HashOfStart(start)) * kLong;
    if ((kKinds & kShort) != 0) {
      kinds |= short_starts_.MayHold(HashOfStart(start & 0xFFFF)) * kShort;
    }
    kept[kept_count] = static_cast<uint16_t>(place | kinds);
    kept_count += kinds != 0 ? 1 : 0;
  };
  size_t i = 0;
  for (; i < count && position(i) + sizeof(uint32_t) <= left; ++i) {
    uint32_t bytes;
    std::memcpy(&bytes, from + position(i), sizeof(bytes));
    filter(position(i), bytes);
  }
  for (; i < count; ++i) filter(position(i), windows.FourAt(begin + position(i)));
  return kept_count;
}

// Filters the positions that fit a group, and keeps those at which a window may begin. If
// filters_all_ is true, long windows are searched for at all positions instead. `count` is the
// number of positions before filtering. Returns the number of kept positions.
__attribute__((always_inline)) inline size_t LiteralScanner::Filter(std::string_view text,
                                                                    const Windows& windows,
                                                                    size_t begin,
                                                                    uint16_t* positions,
                                                                    size_t count) const {
  const auto fitting = [positions](size_t i) { return size_t{positions[i]}; };
  if (!filters_all_) {
    return short_tables_.empty()
               ? FilterBy<kLong>(text, windows, begin, count, fitting, positions)
               : FilterBy<kLong | kShort>(text, windows, begin, count, fitting, positions);
  }
  const size_t shorts = FilterBy<kShort>(text, windows, begin, count, fitting, positions);
  const size_t all = std::min(text.size() - begin, kChunk);
  return shorts + FilterBy<kLong>(
                      text, windows, begin, all, [](size_t i) { return i; }, positions + shorts);
}

size_t LiteralScanner::FindPortable(const LiteralScanner& scanner, std::string_view text,
                                    const Windows& windows, size_t begin, uint16_t* positions) {
  const size_t size = std::min(text.size() - begin, kChunk);
  size_t count = 0;
  for (size_t i = 0; i < size; ++i) {
    bool fits = false;
    for (size_t set = 0; set < scanner.sets_ && !fits; ++set) {
      uint8_t groups = 0xFF;
      for (size_t k = 0; k < scanner.places_ && groups != 0; ++k) {
        const char c = begin + i + k < text.size() ? text[begin + i + k] : '\0';
        groups &= scanner.groups_[set][k].byte[static_cast<unsigned char>(c) & 127];
      }
      fits = groups != 0;
    }
    if (fits) positions[count++] = static_cast<uint16_t>(i);
  }
  return scanner.Filter(text, windows, begin, positions, count);
}

#if defined(__x86_64__)

template <size_t kSets, size_t kUsed>
__attribute__((target("avx2,bmi,bmi2"))) size_t LiteralScanner::FindAvx2(
    const LiteralScanner& scanner, std::string_view text, const Windows& windows, size_t begin,
    uint16_t* positions) {
  if constexpr (kSets == 0) {
    return scanner.Filter(text, windows, begin, positions, 0);
  } else {
    const size_t size = std::min(text.size() - begin, kChunk);
    __m256i low[kSets][kUsed], high[kSets][kUsed];
    for (size_t set = 0; set < kSets; ++set) {
      for (size_t k = 0; k < kUsed; ++k) {
        const Groups& groups = scanner.groups_[set][k];
        low[set][k] = _mm256_broadcastsi128_si256(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(groups.low.data())));
        high[set][k] = _mm256_broadcastsi128_si256(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(groups.high.data())));
      }
    }
    const __m256i nibble = _mm256_set1_epi8(15);
    size_t count = 0;
    char tail[32 + kUsed];
    for (size_t i = 0; i < size; i += 32) {
      const char* from = text.data() + begin + i;
      const size_t left = text.size() - begin - i;
      if (left < sizeof(tail)) {
        std::memset(tail, 0, sizeof(tail));
        std::memcpy(tail, from, left);
        from = tail;
      }
      __m256i fits[kSets];
      for (size_t k = 0; k < kUsed; ++k) {
        const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + k));
        const __m256i lows = _mm256_and_si256(bytes, nibble);
        const __m256i highs = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
        for (size_t set = 0; set < kSets; ++set) {
          const __m256i here = _mm256_and_si256(_mm256_shuffle_epi8(low[set][k], lows),
                                                _mm256_shuffle_epi8(high[set][k], highs));
          fits[set] = k == 0 ? here : _mm256_and_si256(fits[set], here);
        }
      }
      __m256i any = fits[0];
      for (size_t set = 1; set < kSets; ++set) any = _mm256_or_si256(any, fits[set]);
      uint32_t found = ~static_cast<uint32_t>(
          _mm256_movemask_epi8(_mm256_cmpeq_epi8(any, _mm256_setzero_si256())));
      if (size - i < 32) found &= (uint32_t{1} << (size - i)) - 1;
      for (; found != 0; found &= found - 1) {
        positions[count++] = static_cast<uint16_t>(i + static_cast<size_t>(__builtin_ctz(found)));
      }
    }
    return scanner.Filter(text, windows, begin, positions, count);
  }
}

template <size_t kSets, size_t kUsed>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2"))) size_t
LiteralScanner::FindAvx512(const LiteralScanner& scanner, std::string_view text,
                           const Windows& windows, size_t begin, uint16_t* positions) {
  if constexpr (kSets == 0) {
    return scanner.Filter(text, windows, begin, positions, 0);
  } else {
    const size_t size = std::min(text.size() - begin, kChunk);
    __m512i low[kSets][kUsed], high[kSets][kUsed];
    for (size_t set = 0; set < kSets; ++set) {
      for (size_t k = 0; k < kUsed; ++k) {
        const auto& byte = scanner.groups_[set][k].byte;
        low[set][k] = _mm512_loadu_si512(byte.data());
        high[set][k] = _mm512_loadu_si512(byte.data() + 64);
      }
    }
    alignas(64) static constexpr std::array<uint16_t, 32> kOrder = [] {
      std::array<uint16_t, 32> order = {};
      for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint16_t>(i);
      return order;
    }();
    const __m512i order = _mm512_load_si512(kOrder.data());
    size_t count = 0;
    for (size_t i = 0; i < size; i += 64) {
      const char* const from = text.data() + begin + i;
      const size_t left = text.size() - begin - i;
      __m512i fits[kSets];
      for (size_t k = 0; k < kUsed; ++k) {
        __m512i bytes;
        if (left >= 64 + kUsed) {
          bytes = _mm512_loadu_si512(from + k);
        } else {
          const size_t there = left > k ? std::min<size_t>(left - k, 64) : 0;
          const __mmask64 mask = there == 64 ? ~uint64_t{0} : (uint64_t{1} << there) - 1;
          bytes = _mm512_maskz_loadu_epi8(mask, from + k);
        }
        for (size_t set = 0; set < kSets; ++set) {
          const __m512i here = _mm512_permutex2var_epi8(low[set][k], bytes, high[set][k]);
          fits[set] = k == 0 ? here : _mm512_and_si512(fits[set], here);
        }
      }
      __m512i any = fits[0];
      for (size_t set = 1; set < kSets; ++set) any = _mm512_or_si512(any, fits[set]);
      uint64_t found = _mm512_test_epi8_mask(any, any);
      if (size - i < 64) found &= (uint64_t{1} << (size - i)) - 1;
      if (found == 0) continue;
      // Each store writes 32 elements: first the positions that fit, and then zeros. The next store
      // overwrites the zeros. The zeros of the last store may extend into kSlack.
      for (size_t half = 0; half < 64; half += 32, found >>= 32) {
        const auto here = static_cast<__mmask32>(found);
        const __m512i all =
            _mm512_add_epi16(order, _mm512_set1_epi16(static_cast<int16_t>(i + half)));
        _mm512_storeu_si512(positions + count, _mm512_maskz_compress_epi16(here, all));
        count += static_cast<size_t>(__builtin_popcount(here));
      }
    }
    return scanner.Filter(text, windows, begin, positions, count);
  }
}

#endif

namespace {

#if defined(__x86_64__)

// Returns true if `text` contains `literal`. Compares the whole literal only at positions where the
// first and the last byte match.
__attribute__((target("avx512f,avx512bw,avx512vl"))) bool ContainsAvx512(std::string_view text,
                                                                         std::string_view literal) {
  const __m512i first = _mm512_set1_epi8(literal.front());
  const __m512i last = _mm512_set1_epi8(literal.back());
  const size_t starts = text.size() - literal.size() + 1;
  for (size_t i = 0; i < starts; i += 64) {
    const __mmask64 there = starts - i >= 64 ? ~uint64_t{0} : (uint64_t{1} << (starts - i)) - 1;
    const char* const from = text.data() + i;
    const __m512i firsts = _mm512_maskz_loadu_epi8(there, from);
    const __m512i lasts = _mm512_maskz_loadu_epi8(there, from + literal.size() - 1);
    uint64_t found =
        _mm512_mask_cmpeq_epi8_mask(_mm512_mask_cmpeq_epi8_mask(there, firsts, first), lasts, last);
    for (; found != 0; found &= found - 1) {
      if (HasBytes(from + __builtin_ctzll(found), literal)) return true;
    }
  }
  return false;
}

__attribute__((target("avx2"))) bool ContainsAvx2(std::string_view text, std::string_view literal) {
  const __m256i first = _mm256_set1_epi8(literal.front());
  const __m256i last = _mm256_set1_epi8(literal.back());
  const size_t starts = text.size() - literal.size() + 1;
  size_t i = 0;
  for (; i + 32 <= starts; i += 32) {
    const char* const from = text.data() + i;
    const __m256i firsts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i lasts =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + literal.size() - 1));
    auto found = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_and_si256(_mm256_cmpeq_epi8(firsts, first), _mm256_cmpeq_epi8(lasts, last))));
    for (; found != 0; found &= found - 1) {
      if (std::memcmp(from + __builtin_ctz(found), literal.data(), literal.size()) == 0)
        return true;
    }
  }
  return memmem(text.data() + i, text.size() - i, literal.data(), literal.size()) != nullptr;
}

__attribute__((target("avx512f,avx512bw,avx512vl"))) bool FindOddAvx512(std::string_view json,
                                                                        size_t& at) {
  const __m512i backslash = _mm512_set1_epi8('\\'), u = _mm512_set1_epi8('u');
  for (; at < json.size(); at += 64) {
    const size_t left = json.size() - at;
    const __mmask64 there = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    const __m512i bytes = _mm512_maskz_loadu_epi8(there, json.data() + at);
    const __m512i nexts = _mm512_maskz_loadu_epi8(
        left > 64 ? ~uint64_t{0} : (uint64_t{1} << (left - 1)) - 1, json.data() + at + 1);
    const __mmask64 escapes =
        _mm512_cmpeq_epi8_mask(bytes, backslash) & _mm512_cmpeq_epi8_mask(nexts, u);
    if ((_mm512_movepi8_mask(bytes) | escapes) != 0) return true;
  }
  return false;
}

__attribute__((target("avx2"))) bool FindOddAvx2(std::string_view json, size_t& at) {
  const __m256i backslash = _mm256_set1_epi8('\\'), u = _mm256_set1_epi8('u');
  for (; at + 33 <= json.size(); at += 32) {
    const char* const from = json.data() + at;
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i nexts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 1));
    const __m256i escapes =
        _mm256_and_si256(_mm256_cmpeq_epi8(bytes, backslash), _mm256_cmpeq_epi8(nexts, u));
    if (_mm256_movemask_epi8(_mm256_or_si256(bytes, escapes)) != 0) return true;
  }
  return false;
}

#endif

}  // namespace

bool ContainsText(std::string_view text, std::string_view literal, Kernel kernel) {
  if (literal.size() > text.size()) return false;
  if (literal.empty()) return true;
#if defined(__x86_64__)
  if (kernel == Kernel::kAvx512) return ContainsAvx512(text, literal);
  if (kernel == Kernel::kAvx2) return ContainsAvx2(text, literal);
#endif
  return memmem(text.data(), text.size(), literal.data(), literal.size()) != nullptr;
}

bool IsPlainAsciiJson(std::string_view json, Kernel kernel) {
  size_t at = 0;
  while (at < json.size()) {
#if defined(__x86_64__)
    if (kernel == Kernel::kAvx512 && !FindOddAvx512(json, at)) return true;
    if (kernel == Kernel::kAvx2) FindOddAvx2(json, at);
#endif
    // The next bytes are the tail or a block that contains \u or a non-ASCII byte. Check each byte.
    // In most such blocks, \u is part of a path such as C:\\users and does not begin an escape.
    const size_t end = std::min(json.size(), at + 64);
    for (; at < end; ++at) {
      if (static_cast<unsigned char>(json[at]) >= 0x80) return false;
      const bool is_escape = json[at] == '\\' && at + 1 < json.size() && json[at + 1] == 'u';
      if (is_escape && JsonHex4(json, at + 2) >= 0) return false;
    }
  }
  return true;
}

}  // namespace picket::detector
