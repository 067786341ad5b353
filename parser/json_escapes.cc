#include "parser/json_escapes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>

namespace picket::parser {
namespace {

constexpr size_t kBlock = 64;

// Finds the first whole block from `at` with a backslash in it: which of its bytes are, bit i for byte i. `at` is then
// that block, or the first that is not whole.
using FindBlock = uint64_t (*)(std::string_view text, size_t& at);

uint64_t FindBlockPortable(std::string_view text, size_t& at) {
  for (; at + kBlock <= text.size(); at += kBlock) {
    uint64_t found = 0;
    for (size_t i = 0; i < kBlock; ++i) found |= static_cast<uint64_t>(text[at + i] == '\\') << i;
    if (found != 0) return found;
  }
  return 0;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) uint64_t FindBlockAvx2(std::string_view text, size_t& at) {
  const __m256i backslash = _mm256_set1_epi8('\\');
  for (; at + kBlock <= text.size(); at += kBlock) {
    const auto* const block = reinterpret_cast<const __m256i*>(text.data() + at);
    const __m256i low = _mm256_cmpeq_epi8(_mm256_loadu_si256(block), backslash);
    const __m256i high = _mm256_cmpeq_epi8(_mm256_loadu_si256(block + 1), backslash);
    if (_mm256_testz_si256(_mm256_or_si256(low, high), _mm256_set1_epi8(-1)) != 0) continue;
    return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }
  return 0;
}

__attribute__((target("avx512f,avx512bw"))) uint64_t FindBlockAvx512(std::string_view text,
                                                                     size_t& at) {
  const __m512i backslash = _mm512_set1_epi8('\\');
  for (; at + kBlock <= text.size(); at += kBlock) {
    const uint64_t found = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(text.data() + at), backslash);
    if (found != 0) return found;
  }
  return 0;
}
#endif

FindBlock FindBlockOf(Kernel kernel) {
#if defined(__x86_64__)
  if (kernel == Kernel::kAvx2) return FindBlockAvx2;
  if (kernel == Kernel::kAvx512) return FindBlockAvx512;
#endif
  return FindBlockPortable;
}

constexpr std::array<bool, 256> kShortEscapes = [] {
  std::array<bool, 256> good{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'})
    good[static_cast<uint8_t>(c)] = true;
  return good;
}();

// The escape whose backslash is at `at`, which is no short one; `at` is then behind it.
JsonFault CheckLongEscape(std::string_view token, size_t& at) {
  if (token[at + 1] != 'u') {
    // Not every kernel sees a raw control character behind a backslash.
    return static_cast<unsigned char>(token[at + 1]) < 0x20 ? JsonFault::kBadText
                                                            : JsonFault::kSyntax;
  }
  const int code = JsonHex4(token, at + 2);
  if (code < 0) return JsonFault::kSyntax;
  at += 6;
  if (code >= 0xdc00 && code < 0xe000) return JsonFault::kBadText;
  if (code >= 0xd800 && code < 0xdc00) {
    const bool follows = at + 1 < token.size() && token[at] == '\\' && token[at + 1] == 'u';
    const int low = follows ? JsonHex4(token, at + 2) : -1;
    if (low < 0xdc00 || low >= 0xe000) return JsonFault::kBadText;
    at += 6;
  }
  return JsonFault::kNone;
}

}  // namespace

JsonFault CheckJsonEscapes(std::string_view text, Kernel kernel) {
  const FindBlock find = FindBlockOf(kernel);
  size_t at = 0;
  while (uint64_t found = find(text, at)) {
    size_t next = at + kBlock;
    while (found != 0) {
      const int place = std::countr_zero(found);
      size_t escape = at + static_cast<size_t>(place);
      if (!kShortEscapes[static_cast<uint8_t>(text[escape + 1])]) [[unlikely]] {
        const JsonFault fault = CheckLongEscape(text, escape);
        if (fault != JsonFault::kNone) return fault;
        next = escape;
        break;
      }
      if (place == kBlock - 1) next = at + kBlock + 1;
      found &= ~(uint64_t{3} << place);  // what is escaped may be a backslash
    }
    at = next;
  }
  while (at < text.size()) {
    if (text[at] != '\\') {
      ++at;
    } else if (kShortEscapes[static_cast<uint8_t>(text[at + 1])]) {
      at += 2;
    } else if (const JsonFault fault = CheckLongEscape(text, at); fault != JsonFault::kNone) {
      return fault;
    }
  }
  return JsonFault::kNone;
}

}  // namespace picket::parser
