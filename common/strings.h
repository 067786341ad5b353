#pragma once

// String functions, including conversions between std::string_view and absl::string_view. Our
// interfaces use std::string_view. In Debian's Abseil, absl::string_view is a separate type.

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace picket {

inline absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}
inline std::string_view ToStd(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

// The hash and equality functions of StringMap and StringSet. Both functions accept std::string and
// std::string_view, so that a lookup by std::string_view need not create a std::string.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return absl::HashOf(ToAbsl(text)); }
};
using StringEqual = std::equal_to<>;

template <typename Value>
using StringMap = absl::flat_hash_map<std::string, Value, StringHash, StringEqual>;
using StringSet = absl::flat_hash_set<std::string, StringHash, StringEqual>;

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Returns `text` with ASCII letters in lower case. Other bytes are copied unchanged.
std::string LowerAscii(std::string_view text);

// Returns true if the strings are equal. Unlike operator==, which calls memcmp, this function is
// inlined. It is meant for short strings that are usually equal.
inline bool EqualsInline(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto differ = [&](size_t at) {
    uint64_t x;
    uint64_t y;
    std::memcpy(&x, a.data() + at, 8);
    std::memcpy(&y, b.data() + at, 8);
    return x ^ y;
  };
  if (a.size() < 8) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  uint64_t different = differ(a.size() - 8);
  for (size_t at = 0; at + 8 < a.size(); at += 8) different |= differ(at);
  return different == 0;
}

inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  // Comparing the first letters usually avoids the call of absl::EqualsIgnoreCase.
  if (!a.empty() && ((a.front() ^ b.front()) & ~0x20) != 0) return false;
  return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b));
}
inline std::string_view TrimBlanks(std::string_view text) {
  const auto is_blank = [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Returns the number of edits that turn one word into the other. An edit replaces, inserts or
// removes a character or, if `allows_swaps` is true, swaps two neighbours (optimal string
// alignment). Complexity: proportional to the product of both lengths.
size_t EditDistance(std::string_view a, std::string_view b, bool allows_swaps);

// Returns the known word that is most similar to the misspelled `word`, or "" if no known word is
// similar.
// Complexity: the time per known word is proportional to the product of both lengths.
std::string_view NearestWord(std::string_view word, const std::vector<std::string_view>& known);

// Returns the longest beginning of a UTF-8 text that has at most `bytes` bytes and does not end
// inside a character.
std::string_view TruncateUtf8(std::string_view text, size_t bytes);

// Returns the length of the UTF-8 character at the beginning of `text`, which must not be empty.
// Returns 0 if the bytes there are not valid UTF-8.
size_t Utf8Length(std::string_view text);

// Returns `text` with U+FFFD in place of each byte that is not part of valid UTF-8.
std::string ValidUtf8(std::string_view text);

// Returns the length of the control character at the beginning of `text`. Returns 0 if `text` does
// not begin with a control character. `text` must not be empty. Besides the control characters of
// ASCII and Latin-1, Unicode's line separators and the characters that change the direction of text
// also count, because terminals and viewers act on them.
size_t ControlLength(std::string_view text);

// Returns text from outside as one line of valid UTF-8 with at most `bytes` bytes. Invalid bytes
// become U+FFFD, and control characters become blanks. A longer text is cut between characters and
// ends with an ellipsis.
std::string CleanLine(std::string_view text, size_t bytes);

// Returns the bytes in lower-case hexadecimal, such as "0123abcd".
std::string HexEncode(std::string_view bytes);

}  // namespace picket
