#include "detector/text/fold.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "json/json_tokens.h"

namespace picket::detector {
namespace {

bool In(uint32_t c, uint32_t first, uint32_t last) { return c >= first && c <= last; }

// Both functions fold a letter of a range in which each upper-case letter is followed by the same
// letter in lower case. Upper-case letters have even code points in a range for FoldEven, and odd
// code points in a range for FoldOdd.
uint32_t FoldEven(uint32_t c) { return c | 1; }
uint32_t FoldOdd(uint32_t c) { return c + (c & 1); }

// Returns the simple case folding of a code point (statuses C and S of CaseFolding.txt, Unicode
// Standard section 5.18). Covers the scripts with case that occur in audit logs: Latin, modern
// Greek, Cyrillic, Armenian, and look-alikes (full-width and circled letters, Roman numerals, the
// Kelvin and Angstrom signs).
//
// The ranges were written by hand and compared with str.casefold of Python (Unicode 14.0). They
// fold 500 code points above ASCII. About 900 letters of extended Latin, polytonic Greek and other
// scripts are not folded, so these letters only match letters of the same case. U+0130 and U+0131
// (Turkish I) never change.
uint32_t FoldCodePoint(uint32_t c) {
  if (c < 0xC0) return c == 0xB5 ? 0x3BC : c;
  if (c < 0x100) return In(c, 0xC0, 0xDE) && c != 0xD7 ? c + 32 : c;
  if (c < 0x180) {
    if (c == 0x130 || c == 0x131 || c == 0x138 || c == 0x149) return c;
    if (c == 0x178) return 0xFF;
    if (c == 0x17F) return 's';
    if (In(c, 0x139, 0x148) || In(c, 0x179, 0x17E)) return FoldOdd(c);
    return FoldEven(c);
  }
  if (In(c, 0x386, 0x3CE)) {
    if (c == 0x386) return 0x3AC;
    if (In(c, 0x388, 0x38A)) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if (c == 0x38E || c == 0x38F) return c + 63;
    if (In(c, 0x391, 0x3AB) && c != 0x3A2) return c + 32;
    return c == 0x3C2 ? 0x3C3 : c;
  }
  if (In(c, 0x400, 0x40F)) return c + 80;
  if (In(c, 0x410, 0x42F)) return c + 32;
  if (c == 0x4C0) return 0x4CF;
  if (In(c, 0x4C1, 0x4CE)) return FoldOdd(c);
  if (In(c, 0x460, 0x481) || In(c, 0x48A, 0x4BF) || In(c, 0x4D0, 0x52F)) return FoldEven(c);
  if (In(c, 0x531, 0x556)) return c + 48;
  if (In(c, 0x1E00, 0x1E95) || In(c, 0x1EA0, 0x1EFF)) return FoldEven(c);
  if (c == 0x1E9B) return 0x1E61;
  if (c == 0x1E9E) return 0xDF;
  if (c == 0x212A) return 'k';
  if (c == 0x212B) return 0xE5;
  if (In(c, 0x2160, 0x216F)) return c + 16;
  if (In(c, 0x24B6, 0x24CF)) return c + 26;
  if (In(c, 0xFF21, 0xFF3A)) return c + 32;
  return c;
}

// Decodes a UTF-8 sequence of two or three bytes. Returns the length of the sequence, or 0 if there
// is no such sequence. Longer sequences are not decoded, because FoldCodePoint never changes their
// code points.
int Decode(const unsigned char* at, size_t left, uint32_t& c) {
  if (left >= 2 && (at[0] & 0xE0) == 0xC0 && (at[1] & 0xC0) == 0x80) {
    c = (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu);
    return c >= 0x80 ? 2 : 0;
  }
  if (left >= 3 && (at[0] & 0xF0) == 0xE0 && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80) {
    c = (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
    return c >= 0x800 ? 3 : 0;
  }
  return 0;
}

size_t PutUtf8(uint32_t c, char* out) {
  const auto put = [&out](uint32_t byte) { *out++ = static_cast<char>(byte); };
  const char* const begin = out;
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return static_cast<size_t>(out - begin);
}

// Folds a UTF-8 text. `out` may be the buffer of the text itself, because the result is never
// longer than the text.
size_t FoldUnicode(std::string_view text, char* out) {
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  size_t written = 0;
  for (size_t i = 0; i < text.size();) {
    if (in[i] < 0x80) {
      const unsigned char c = in[i++];
      out[written++] = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
      continue;
    }
    uint32_t c = 0;
    const int length = Decode(in + i, text.size() - i, c);
    const uint32_t folded = length == 0 ? 0 : FoldCodePoint(c);
    if (length == 0 || folded == c) {
      for (int k = 0; k < (length == 0 ? 1 : length); ++k) out[written++] = text[i++];
      continue;
    }
    written += PutUtf8(folded, out + written);
    i += length;
  }
  return written;
}

char FoldAscii(char c) {
  return static_cast<unsigned char>(c - 'A') < 26 ? static_cast<char>(c | 0x20) : c;
}

// The progress of copying one text.
struct Copy {
  size_t read = 0;
  size_t written = 0;
  unsigned char high = 0;  // below 0x80 only if all written bytes are ASCII
};

// Copies the escape at text[copy.read], which is a backslash. Returns false if the escape is
// invalid in JSON.
template <bool kFolds>
bool CopyEscape(std::string_view text, char* out, Copy& copy) {
  if (copy.read + 1 >= text.size()) return false;
  char c = text[copy.read + 1];
  size_t taken = 2;
  switch (c) {
    case '"':
    case '\\':
    case '/':
      break;
    case 'b':
      c = '\b';
      break;
    case 'f':
      c = '\f';
      break;
    case 'n':
      c = '\n';
      break;
    case 'r':
      c = '\r';
      break;
    case 't':
      c = '\t';
      break;
    case 'u': {
      int code = JsonHex4(text, copy.read + 2);
      if (code < 0 || (code >= 0xDC00 && code < 0xE000)) return false;
      taken = 6;
      if (code >= 0xD800 && code < 0xDC00) {
        if (text.substr(copy.read + 6, 2) != "\\u") return false;
        const int low = JsonHex4(text, copy.read + 8);
        if (low < 0xDC00 || low >= 0xE000) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        taken = 12;
      }
      if (code >= 0x80) copy.high |= 0x80;
      copy.read += taken;
      if (code < 0x80) {
        out[copy.written++] = kFolds ? FoldAscii(static_cast<char>(code)) : static_cast<char>(code);
      } else {
        copy.written += PutUtf8(static_cast<uint32_t>(code), out + copy.written);
      }
      return true;
    }
    default:
      return false;
  }
  copy.read += taken;
  out[copy.written++] = c;
  return true;
}

// Copies bytes from copy.read to the end of the text or, if kEscaped is true, to the next
// backslash.
template <bool kFolds, bool kEscaped>
void CopyRunPortable(std::string_view text, char* out, Copy& copy) {
  size_t size = text.size() - copy.read;
  const char* const from = text.data() + copy.read;
  char* const to = out + copy.written;
  if (kEscaped) {
    const void* const escape = std::memchr(from, '\\', size);
    if (escape != nullptr) size = static_cast<size_t>(static_cast<const char*>(escape) - from);
  }
  unsigned char high = 0;
  for (size_t i = 0; i < size; ++i) {
    high |= static_cast<unsigned char>(from[i]);
    to[i] = kFolds ? FoldAscii(from[i]) : from[i];
  }
  copy.high |= high;
  copy.read += size;
  copy.written += size;
}

#if defined(__x86_64__)

template <bool kFolds, bool kEscaped>
__attribute__((target("avx2"))) void CopyRunAvx2(std::string_view text, char* out, Copy& copy) {
  const __m256i backslash = _mm256_set1_epi8('\\'), case_bit = _mm256_set1_epi8(0x20);
  // AVX2 compares bytes as signed numbers, so shift 'A' to the lowest signed number.
  const __m256i shift = _mm256_set1_epi8(static_cast<char>(-128 - 'A'));
  const __m256i last = _mm256_set1_epi8(-128 + 26);
  while (copy.read + 32 <= text.size()) {
    const __m256i bytes =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + copy.read));
    __m256i folded = bytes;
    if (kFolds) {
      const __m256i is_upper = _mm256_cmpgt_epi8(last, _mm256_add_epi8(bytes, shift));
      folded = _mm256_or_si256(bytes, _mm256_and_si256(is_upper, case_bit));
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + copy.written), folded);
    const auto high = static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
    if (kEscaped) {
      const auto escapes =
          static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, backslash)));
      if (escapes != 0) {
        const auto size = static_cast<size_t>(__builtin_ctz(escapes));
        if ((high & ((uint32_t{1} << size) - 1)) != 0) copy.high |= 0x80;
        copy.read += size;
        copy.written += size;
        return;
      }
    }
    if (high != 0) copy.high |= 0x80;
    copy.read += 32;
    copy.written += 32;
  }
  CopyRunPortable<kFolds, kEscaped>(text, out, copy);
}

// Copies blocks of 64 bytes and removes the backslashes of escapes. Stops before a block that
// contains an invalid escape or a \u escape, and leaves this block to the caller.
template <bool kFolds, bool kEscaped>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2"))) void CopyAvx512(
    std::string_view text, char* out, Copy& copy) {
  const __m512i backslash = _mm512_set1_epi8('\\'), case_bit = _mm512_set1_epi8(0x20);
  const __m512i upper_a = _mm512_set1_epi8('A'), letters = _mm512_set1_epi8(26);
  __mmask64 high = 0;
  while (copy.read < text.size()) {
    const size_t left = text.size() - copy.read;
    const __mmask64 there = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    __m512i bytes = _mm512_maskz_loadu_epi8(there, text.data() + copy.read);
    size_t taken = std::min<size_t>(left, 64), kept_bytes = taken;
    __mmask64 escapes = kEscaped ? _mm512_cmpeq_epi8_mask(bytes, backslash) : 0;
    const __mmask64 block_high = _mm512_movepi8_mask(bytes);
    __mmask64 upper = 0;
    if (kFolds) upper = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, upper_a), letters);
    if (kEscaped && escapes != 0) {
      // In a run of backslashes, the first, third, fifth and so on escape the next byte. A block
      // never begins inside an escape.
      constexpr uint64_t kEven = 0x5555555555555555;
      const uint64_t follows = escapes << 1;
      const uint64_t odd_starts = escapes & ~kEven & ~follows;
      // A carry out of this sum only affects the last byte, which is handled below.
      const uint64_t sums = odd_starts + escapes;
      uint64_t escaped = (kEven ^ (sums << 1)) & follows;
      uint64_t dropped = escapes & ~escaped;
      if (taken == 64 && (dropped >> 63) != 0) {  // the escaped byte is in the next block
        taken = kept_bytes = 63;
        dropped &= ~(uint64_t{1} << 63);
      }
      escaped &= there;
      const __mmask64 plain = _mm512_cmpeq_epi8_mask(bytes, backslash) |
                              _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')) |
                              _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('/'));
      if ((escaped & ~plain) != 0) {
        uint64_t rest = escaped & ~plain;
        constexpr char kFrom[] = {'n', 't', 'r', 'b', 'f'}, kTo[] = {'\n', '\t', '\r', '\b', '\f'};
        for (size_t i = 0; i < sizeof(kFrom); ++i) {
          const __mmask64 is = rest & _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(kFrom[i]));
          rest &= ~is;
          upper &= ~is;
          bytes = _mm512_mask_blend_epi8(is, bytes, _mm512_set1_epi8(kTo[i]));
        }
        if (rest != 0) break;
      }
      // A lone backslash at the end of the text is invalid.
      if (left <= 64 && ((dropped >> (left - 1)) & 1) != 0) break;
      const __mmask64 kept = ~dropped & (taken == 64 ? ~uint64_t{0} : (uint64_t{1} << taken) - 1);
      if (kFolds) bytes = _mm512_mask_add_epi8(bytes, upper, bytes, case_bit);
      bytes = _mm512_maskz_compress_epi8(kept, bytes);
      kept_bytes = static_cast<size_t>(__builtin_popcountll(kept));
    } else if (kFolds) {
      bytes = _mm512_mask_add_epi8(bytes, upper, bytes, case_bit);
    }
    high |= block_high;
    _mm512_storeu_si512(out + copy.written, bytes);
    copy.read += taken;
    copy.written += kept_bytes;
  }
  if (high != 0) copy.high |= 0x80;
}

#endif

// Copies a text. Returns false if the text contains an invalid escape.
template <bool kFolds, bool kEscaped>
bool CopyText(Kernel kernel, std::string_view text, char* out, Copy& copy) {
#if defined(__x86_64__)
  if (kernel == Kernel::kAvx512) {
    CopyAvx512<kFolds, kEscaped>(text, out, copy);
    kernel = Kernel::kAvx2;  // AVX-512 stops at a \u or invalid escape; AVX2 copies the rest
  }
#endif
  while (copy.read < text.size()) {
#if defined(__x86_64__)
    if (kernel == Kernel::kAvx2) {
      CopyRunAvx2<kFolds, kEscaped>(text, out, copy);
    } else {
      CopyRunPortable<kFolds, kEscaped>(text, out, copy);
    }
#else
    CopyRunPortable<kFolds, kEscaped>(text, out, copy);
#endif
    if (copy.read < text.size() && !CopyEscape<kFolds>(text, out, copy)) return false;
  }
  return true;
}

}  // namespace

size_t Fold(std::string_view text, char* out, Kernel kernel) {
  Copy copy;
  CopyText<true, false>(kernel, text, out, copy);
  return copy.high < 0x80 ? copy.written : FoldUnicode({out, copy.written}, out);
}

bool FoldJson(std::string_view inner, char* out, size_t& size, Kernel kernel) {
  Copy copy;
  if (!CopyText<true, true>(kernel, inner, out, copy)) return false;
  size = copy.high < 0x80 ? copy.written : FoldUnicode({out, copy.written}, out);
  return true;
}

bool UnescapeJson(std::string_view inner, char* out, size_t& size, Kernel kernel) {
  Copy copy;
  if (!CopyText<false, true>(kernel, inner, out, copy)) return false;
  size = copy.written;
  return true;
}

std::string Folded(std::string_view text) {
  std::string out(text.size() + kFoldSlack, '\0');
  out.resize(Fold(text, out.data()));
  return out;
}

}  // namespace picket::detector
