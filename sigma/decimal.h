#pragma once

#include <string>
#include <string_view>

namespace picket::sigma {

// Compares two decimal numbers, such as "-12", "1.50" or "3e20", digit by digit, so that numbers
// that become the same double are told apart. Returns -1, 0 or 1, like a three-way comparison of
// `a` with `b`. Both must be valid numbers of JSON, or such numbers without a leading zero or with
// a leading `+`.
int CompareDecimals(std::string_view a, std::string_view b);

// Returns the shortest decimal number that becomes this double.
std::string DecimalText(double number);

}  // namespace picket::sigma
