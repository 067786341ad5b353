#include "common/tenant.h"

#include "absl/strings/ascii.h"
#include "common/strings.h"

namespace picket {

bool IsGuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

std::optional<std::string> CanonicalTenant(std::string_view text) {
  if (!IsGuid(text)) return std::nullopt;
  return LowerAscii(text);
}

}  // namespace picket
