#pragma once

#include <string_view>

namespace picket::detector {

// Writes a number in its canonical form, so that equal numbers are equal strings: 42.0, 4.2e1 and
// 0x2A become 42. Returns false if `text` is not a number. `canonical` is a view of `buffer` or of
// `text`.
bool CanonicalNumber(std::string_view text, char (&buffer)[32], std::string_view* canonical);

}  // namespace picket::detector
