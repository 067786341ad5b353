#include "detector/fold.h"

#include <cstdint>

namespace picket::detector {
namespace {

bool In(uint32_t c, uint32_t first, uint32_t last) { return c >= first && c <= last; }

// Pairs of an upper-case letter and its lower-case letter right after it.
uint32_t FoldEven(uint32_t c) { return c | 1; }
uint32_t FoldOdd(uint32_t c) { return c + (c & 1); }

// The scripts that have case and are met in audit logs: Latin, Greek, Cyrillic, Armenian, and their look-alikes.
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
  if (In(c, 0x460, 0x481) || In(c, 0x48A, 0x4BF) || In(c, 0x4D0, 0x52F)) return FoldEven(c);
  if (In(c, 0x531, 0x556)) return c + 48;
  if (In(c, 0x1E00, 0x1E95) || In(c, 0x1EA0, 0x1EFF)) return FoldEven(c);
  if (c == 0x1E9E) return 0xDF;
  if (c == 0x212A) return 'k';
  if (c == 0x212B) return 0xE5;
  if (In(c, 0x2160, 0x216F)) return c + 16;
  if (In(c, 0x24B6, 0x24CF)) return c + 26;
  if (In(c, 0xFF21, 0xFF3A)) return c + 32;
  return c;
}

// The length of the well-formed sequence of two or three bytes at `at`, else 0 (longer ones have no case here).
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
    if (folded < 0x80) {
      out[written++] = static_cast<char>(folded);
    } else if (folded < 0x800) {
      out[written++] = static_cast<char>(0xC0 | folded >> 6);
      out[written++] = static_cast<char>(0x80 | (folded & 0x3F));
    } else {
      out[written++] = static_cast<char>(0xE0 | folded >> 12);
      out[written++] = static_cast<char>(0x80 | (folded >> 6 & 0x3F));
      out[written++] = static_cast<char>(0x80 | (folded & 0x3F));
    }
    i += length;
  }
  return written;
}

}  // namespace

size_t Fold(std::string_view text, char* out) {
  unsigned char high = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    high |= c;
    out[i] = static_cast<char>(static_cast<unsigned char>(c - 'A') < 26 ? c | 0x20 : c);
  }
  return high < 0x80 ? text.size() : FoldUnicode(text, out);
}

std::string Folded(std::string_view text) {
  std::string out(text.size(), '\0');
  out.resize(Fold(text, out.data()));
  return out;
}

}  // namespace picket::detector
