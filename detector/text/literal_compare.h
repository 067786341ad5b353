#pragma once

// Compares texts with literals. The functions are inline because most literals are short: a call
// would cost more than the comparison.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace picket::detector {

// Returns true if the bytes at `at` equal the literal. At least literal.size() bytes must be
// readable at `at`.
inline bool HasBytes(const char* at, std::string_view literal) {
  const char* const expected = literal.data();
  const size_t size = literal.size();
  const auto differ = [&](auto word, size_t i) {
    auto other = word;
    std::memcpy(&word, at + i, sizeof(word));
    std::memcpy(&other, expected + i, sizeof(word));
    return word != other;
  };
  if (size >= 8) {
    // Compare the end first, because many paths have the same beginning.
    if (differ(uint64_t{0}, size - 8)) return false;
    for (size_t i = 0; i + 8 < size; i += 8) {
      if (differ(uint64_t{0}, i)) return false;
    }
    return true;
  }
  if (size >= 4) return !differ(uint32_t{0}, 0) && !differ(uint32_t{0}, size - 4);
  if (size >= 2) return !differ(uint16_t{0}, 0) && !differ(uint16_t{0}, size - 2);
  return size == 0 || *at == *expected;
}

inline bool IsText(std::string_view text, std::string_view literal) {
  return text.size() == literal.size() && HasBytes(text.data(), literal);
}
inline bool BeginsWith(std::string_view text, std::string_view literal) {
  return text.size() >= literal.size() && HasBytes(text.data(), literal);
}
inline bool EndsWith(std::string_view text, std::string_view literal) {
  return text.size() >= literal.size() &&
         HasBytes(text.data() + text.size() - literal.size(), literal);
}

}  // namespace picket::detector
