#pragma once

// Formats numbers for messages.

#include <cstdint>
#include <string>
#include <string_view>

namespace picket {

// Returns the number with separators: "1,234,567" for 1234567.
std::string Grouped(uint64_t number);

// Returns a number with its noun: "1 rule", "0 rules", "1,234 rules". `plural` is needed only if it
// is not the singular with an added "s", as in Counted(2, "entry", "entries").
std::string Counted(uint64_t number, std::string_view singular, std::string_view plural = "");

}  // namespace picket
