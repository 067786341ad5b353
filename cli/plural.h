#pragma once

// Formats numbers for messages.

#include <cstdint>
#include <string>
#include <string_view>

namespace picket {

// 1234567 as "1,234,567".
std::string Grouped(uint64_t number);

// "1 rule", "0 rules", "1,234 rules". `plural` is needed if it is not the singular with
// an "s": Counted(2, "entry", "entries").
std::string Counted(uint64_t number, std::string_view singular, std::string_view plural = "");

}  // namespace picket
