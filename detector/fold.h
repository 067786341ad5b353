#pragma once

// Case folding for comparisons that ignore case: ASCII fast, Unicode by simple (one to one) folding.

#include <string>
#include <string_view>

namespace picket::detector {

// Writes the folded text to `out`, which has room for text.size() bytes; returns the number written, never more than
// that. Bytes that are no UTF-8 pass unchanged.
size_t Fold(std::string_view text, char* out);

std::string Folded(std::string_view text);

}  // namespace picket::detector
