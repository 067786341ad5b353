#include "common/tenant.h"

#include <cstring>

#include "common/byte_search.h"
#include "common/strings.h"

namespace picket {

namespace {

// The 32 digits of a GUID in four words of eight digits each. The functions below test or convert a
// word, and thus eight digits, at a time.
struct GuidDigits {
  std::array<uint64_t, 4> words;
  bool has_dashes;
};
constexpr size_t kDashes[] = {8, 13, 18, 23};

template <typename Word>
uint64_t Load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(Word));
  return word;
}

GuidDigits Split(const char* text) {
  GuidDigits guid;
  guid.words = {Load<uint64_t>(text), Load<uint32_t>(text + 9) | Load<uint32_t>(text + 14) << 32,
                Load<uint32_t>(text + 19) | Load<uint32_t>(text + 24) << 32,
                Load<uint64_t>(text + 28)};
  guid.has_dashes = true;
  for (const size_t dash : kDashes) guid.has_dashes &= text[dash] == '-';
  return guid;
}

// Returns a word with the highest bit set in each byte between `low` and `high`, inclusive. The
// other bits are undefined. All bytes of `word` must be below 0x80.
uint64_t Between(uint64_t word, uint8_t low, uint8_t high) {
  return (word + kEveryByte * (0x80 - low)) & ~(word + kEveryByte * (0x80 - high - 1));
}

bool AreHexDigits(uint64_t word) {
  static constexpr uint64_t kHigh = kEveryByte << 7;
  const uint64_t ascii = word & ~kHigh;
  const uint64_t good = Between(ascii, '0', '9') | Between(ascii | kEveryByte * 0x20, 'a', 'f');
  return ((good & ~word) & kHigh) == kHigh;
}

bool IsGood(const GuidDigits& guid) {
  bool good = guid.has_dashes;
  for (const uint64_t word : guid.words) good &= AreHexDigits(word);
  return good;
}

// Converts eight hexadecimal digits to four bytes.
uint32_t Pack(uint64_t word) {
  uint64_t digits = (word & kEveryByte * 15) + (word >> 6 & kEveryByte) * 9;
  digits = (digits << 4 | digits >> 8) & 0x00ff00ff00ff00ff;
  digits = (digits | digits >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(digits | digits >> 16);
}

}  // namespace

bool IsGuid(std::string_view text) {
  return text.size() == kGuidLength && IsGood(Split(text.data()));
}

bool ParseGuid(std::string_view text, std::array<uint8_t, 16>& bytes, char* lower) {
  if (text.size() != kGuidLength) return false;
  const GuidDigits guid = Split(text.data());
  if (!IsGood(guid)) return false;
  for (size_t i = 0; i < guid.words.size(); ++i) {
    const uint32_t packed = Pack(guid.words[i]);
    std::memcpy(bytes.data() + 4 * i, &packed, 4);
  }
  // In a GUID, bit 6 is set only in letters. Copying bit 6 to bit 5 converts a letter to lower
  // case and leaves all other characters unchanged.
  const auto lower_word = [&](size_t at) {
    const uint64_t word = Load<uint64_t>(text.data() + at);
    const uint64_t lowered = word | (word & kEveryByte * 0x40) >> 1;
    std::memcpy(lower + at, &lowered, 8);
  };
  for (const size_t at : {0, 8, 16, 24, 28}) lower_word(at);
  return true;
}

std::optional<std::string> CanonicalTenant(std::string_view text) {
  if (!IsGuid(text)) return std::nullopt;
  return LowerAscii(text);
}

}  // namespace picket
