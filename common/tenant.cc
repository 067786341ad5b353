#include "common/tenant.h"

#include <cstring>

#include "common/strings.h"

namespace picket {

bool IsGuid(std::string_view text) {
  if (text.size() != 36) return false;
  // Without a branch a character, so that the compiler makes wide instructions of it.
  unsigned char digits[36];
  std::memcpy(digits, text.data(), 36);
  bool good = true;
  for (const int dash : {8, 13, 18, 23}) {
    good &= digits[dash] == '-';
    digits[dash] = '0';
  }
  unsigned char bad = 0;
  for (const unsigned char c : digits) {
    const bool digit = static_cast<unsigned char>(c - '0') < 10;
    const bool letter = static_cast<unsigned char>((c | 0x20) - 'a') < 6;
    bad |= static_cast<unsigned char>(!(digit | letter));
  }
  return good && bad == 0;
}

std::optional<std::string> CanonicalTenant(std::string_view text) {
  if (!IsGuid(text)) return std::nullopt;
  return LowerAscii(text);
}

}  // namespace picket
