#include "sigma/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "common/strings.h"

namespace picket::sigma {
namespace {

// A number: 0.<digits> * 10^exponent. The digits neither begin nor end with zeros. Zero has none.
struct Decimal {
  bool is_negative = false;
  std::string digits;
  int64_t exponent = 0;
};

Decimal ReadDecimal(std::string_view text) {
  Decimal number;
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) number.is_negative = text[i++] == '-';
  bool is_fraction = false;
  for (; i < text.size() && (IsDigit(text[i]) || text[i] == '.'); ++i) {
    if (text[i] == '.') {
      is_fraction = true;
      continue;
    }
    const bool is_leading_zero = text[i] == '0' && number.digits.empty();
    if (!is_leading_zero) number.digits += text[i];
    if (is_fraction) {
      if (is_leading_zero) --number.exponent;
    } else if (!is_leading_zero) {
      ++number.exponent;
    }
  }
  if (i < text.size()) {  // an exponent
    ++i;
    bool is_small = false;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) is_small = text[i++] == '-';
    constexpr int64_t kLimit = 1'000'000'000;  // no double has a larger exponent
    int64_t exponent = 0;
    for (; i < text.size(); ++i) exponent = std::min(kLimit, exponent * 10 + (text[i] - '0'));
    number.exponent += is_small ? -exponent : exponent;
  }
  number.digits.erase(number.digits.find_last_not_of('0') + 1);
  if (number.digits.empty()) number = Decimal();
  return number;
}

// Returns the three-way comparison of two numbers without regard to their signs.
int CompareMagnitudes(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty())
    return (a.digits.empty() ? 0 : 1) - (b.digits.empty() ? 0 : 1);
  if (a.exponent != b.exponent) return a.exponent < b.exponent ? -1 : 1;
  const int order = a.digits.compare(b.digits);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

int CompareDecimals(std::string_view a, std::string_view b) {
  const Decimal left = ReadDecimal(a), right = ReadDecimal(b);
  if (left.is_negative != right.is_negative) return left.is_negative ? -1 : 1;
  const int order = CompareMagnitudes(left, right);
  return left.is_negative ? -order : order;
}

std::string DecimalText(double number) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), number);
  return {buffer, end};
}

}  // namespace picket::sigma
