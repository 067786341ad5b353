#include "detector/matching/canonical_number.h"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace picket::detector {

bool CanonicalNumber(std::string_view text, char (&buffer)[32], std::string_view* canonical) {
  double number = 0;
  if (text.starts_with("0x") || text.starts_with("0o")) {
    uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text.data() + 2, text.data() + text.size(), value, text[1] == 'x' ? 16 : 8);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    const auto written = std::to_chars(buffer, buffer + sizeof(buffer), value);
    *canonical = {buffer, static_cast<size_t>(written.ptr - buffer)};
    return true;
  }
  if (text.starts_with('+')) text.remove_prefix(1);
  // A double represents every integer of at most 15 digits exactly. An integer with more digits is
  // not converted to a double, because two such integers could become equal.
  if (text.size() > 15 && text.find_first_not_of("-0123456789") == std::string_view::npos) {
    *canonical = text;
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return false;
  }
  const bool is_whole = std::floor(number) == number && std::fabs(number) < 9007199254740992.0;
  const auto written =
      is_whole ? std::to_chars(buffer, buffer + sizeof(buffer), static_cast<int64_t>(number))
               : std::to_chars(buffer, buffer + sizeof(buffer), number);
  *canonical = {buffer, static_cast<size_t>(written.ptr - buffer)};
  return true;
}

}  // namespace picket::detector
