#include "json/json_escapes.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>

namespace picket {
namespace {

constexpr size_t kBlock = 64;

// Returns a mask in which bit i is set if byte i of the block is a backslash.
uint64_t Backslashes(const char* block) {
  uint64_t found = 0;
#ifdef __SSE2__
  const __m128i backslash = _mm_set1_epi8('\\');
  __m128i equal[4];
  for (size_t i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    equal[i] = _mm_cmpeq_epi8(bytes, backslash);
  }
  const __m128i any =
      _mm_or_si128(_mm_or_si128(equal[0], equal[1]), _mm_or_si128(equal[2], equal[3]));
  if (_mm_movemask_epi8(any) == 0) return 0;
  for (int i = 0; i < 4; ++i) {
    found |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(equal[i]))) << 16 * i;
  }
#else
  for (size_t i = 0; i < kBlock; ++i) found |= static_cast<uint64_t>(block[i] == '\\') << i;
#endif
  return found;
}

constexpr std::array<bool, 256> kShortEscapes = [] {
  std::array<bool, 256> good{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'})
    good[static_cast<uint8_t>(c)] = true;
  return good;
}();

// Checks the escape whose backslash is at `at`. The caller has already handled short escapes such
// as \n. If the escape is valid, advances `at` to its end.
JsonFault CheckLongEscape(std::string_view token, size_t& at) {
  if (token[at + 1] != 'u') {
    // Some simdjson implementations accept a raw control character after a backslash. Therefore, it
    // is reported here.
    return static_cast<unsigned char>(token[at + 1]) < 0x20 ? JsonFault::kBadString
                                                            : JsonFault::kSyntax;
  }
  const int code = JsonHex4(token, at + 2);
  if (code < 0) return JsonFault::kSyntax;
  at += 6;
  if (code >= 0xdc00 && code < 0xe000) return JsonFault::kBadString;
  if (code >= 0xd800 && code < 0xdc00) {
    const bool follows = at + 1 < token.size() && token[at] == '\\' && token[at + 1] == 'u';
    const int low = follows ? JsonHex4(token, at + 2) : -1;
    if (low < 0xdc00 || low >= 0xe000) return JsonFault::kBadString;
    at += 6;
  }
  return JsonFault::kNone;
}

}  // namespace

JsonFault CheckJsonEscapes(std::string_view text) {
  size_t at = 0;
  while (at + kBlock <= text.size()) {
    uint64_t found = Backslashes(text.data() + at);
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
      found &= ~(uint64_t{3} << place);  // two bits: the escaped character may be a backslash
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

}  // namespace picket
