#pragma once

// Compares text with a short key that is known in advance, without a loop or a branch.

#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace picket {

inline constexpr int kComparedKey = 32;  // the longest key, in bytes

// Returns true if the first `size` bytes at `text` and at `key` are equal. `size` must be between 1
// and kComparedKey. At both addresses, kComparedKey bytes must be readable. `key` must be aligned
// to 16 bytes.
inline bool IsKeyAt(const char* text, const char* key, int size) {
#ifdef __SSE2__
  const auto equal = [&](int at) {
    const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
    const __m128i there = _mm_load_si128(reinterpret_cast<const __m128i*>(key + at));
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(here, there)));
  };
  return (~(equal(0) | equal(16) << 16) << (kComparedKey - size)) == 0;
#else
  return std::memcmp(text, key, size) == 0;
#endif
}

}  // namespace picket
