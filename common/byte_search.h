#pragma once

// Searches eight bytes of text at a time. The bytes are loaded from memory into a 64-bit word in
// little-endian order, so the first byte of the text is in the lowest eight bits.

#include <bit>
#include <cstdint>

namespace picket {

static_assert(std::endian::native == std::endian::little);

inline constexpr uint64_t kEveryByte = 0x0101010101010101;

// Marks each byte of `word` that equals `c`: in the result, the highest bit of this byte is set.
// Only the first mark is reliable, because all bits above it are undefined.
inline uint64_t MarkByte(char c, uint64_t word) {
  const uint64_t different = word ^ kEveryByte * static_cast<uint8_t>(c);
  return (different - kEveryByte) & ~different & kEveryByte << 7;
}
// Marks each byte of `word` that is below `bound`, in the same way as MarkByte. `bound` must be at
// most 0x80. Only the first mark is reliable.
inline uint64_t MarkBelow(uint8_t bound, uint64_t word) {
  return (word - kEveryByte * bound) & ~word & kEveryByte << 7;
}
// Returns the number of bytes before the first marked byte, or 8 if no byte is marked.
inline int BytesBefore(uint64_t marks) { return std::countr_zero(marks) / 8; }
inline int BytesBefore(char c, uint64_t word) { return BytesBefore(MarkByte(c, word)); }

}  // namespace picket
