#pragma once

// Eight bytes of text at a time, in one machine word. The first byte is the lowest.

#include <bit>
#include <cstdint>

namespace picket {

static_assert(std::endian::native == std::endian::little);

inline constexpr uint64_t kEveryByte = 0x0101010101010101;

// The highest bit of each byte that is `c`; above the first such byte bits may stand that mean nothing.
inline uint64_t MarkByte(char c, uint64_t word) {
  const uint64_t different = word ^ kEveryByte * static_cast<uint8_t>(c);
  return (different - kEveryByte) & ~different & kEveryByte << 7;
}
// The same for each byte below `bound`, at most 0x80.
inline uint64_t MarkBelow(uint8_t bound, uint64_t word) {
  return (word - kEveryByte * bound) & ~word & kEveryByte << 7;
}
// How many bytes stand before the first one marked; 8: none is.
inline int BytesBefore(uint64_t marks) { return std::countr_zero(marks) / 8; }
inline int BytesBefore(char c, uint64_t word) { return BytesBefore(MarkByte(c, word)); }

}  // namespace picket
