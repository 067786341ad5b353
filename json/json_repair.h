#pragma once

#include <string>
#include <string_view>

namespace picket {

// Replaces `out` with a repaired copy of a JSON text that was rejected with JsonFault::kBadString.
// In the copy, each invalid UTF-8 byte and each lone surrogate is replaced by U+FFFD, and raw
// control characters inside strings are escaped. Complexity: linear.
void RepairJsonStrings(std::string_view text, std::string& out);

}  // namespace picket
