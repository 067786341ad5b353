#pragma once

// Formats numbers for messages.

#include <cstdint>
#include <string>
#include <string_view>

namespace picket {

// Returns the number with separators: "1,234,567" for 1234567.
std::string Grouped(uint64_t number);

// Returns a number with its noun: "1 rule", "0 rules", "1,234 rules". If `plural` is empty, the
// plural is the singular with an added "s". An irregular plural must be given:
// Counted(2, "entry", "entries") returns "2 entries".
std::string Counted(uint64_t number, std::string_view singular, std::string_view plural = "");

}  // namespace picket
