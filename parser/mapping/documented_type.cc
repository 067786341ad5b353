#include "parser/mapping/documented_type.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "common/strings.h"

namespace picket::parser {

bool ToInteger(std::string_view text, int64_t& value) {
  if (text.empty()) return false;
  if (text.size() <= 3) {  // the most frequent case
    int64_t small = 0;
    size_t digits = 0;
    for (; digits < text.size() && IsDigit(text[digits]); ++digits) {
      small = small * 10 + text[digits] - '0';
    }
    if (digits == text.size()) {
      value = small;
      return true;
    }
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return true;
  bool integral = false;
  if (!IsJsonNumber(text, integral)) return false;
  double number = 0;
  const auto [stop, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (trouble != std::errc() || stop != text.data() + text.size()) return false;
  if (number != std::floor(number) || std::fabs(number) > 9007199254740992.0) return false;
  value = static_cast<int64_t>(number);
  return true;
}

}  // namespace picket::parser
