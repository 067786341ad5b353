#pragma once

#include <string_view>

namespace picket::detector {

// Converts a number to its canonical form. Equal numbers have the same canonical form. For example,
// 42.0, 4.2e1 and 0x2A become 42. Returns false if `text` is not a number. `canonical` is set to a
// view of `buffer` or of `text`.
bool CanonicalNumber(std::string_view text, char (&buffer)[32], std::string_view* canonical);

}  // namespace picket::detector
