#pragma once

#include <string>
#include <string_view>

namespace picket {

// Replaces `out` by a copy of a JSON text in which bytes that are not UTF-8 and lone surrogates are
// U+FFFD, and raw control characters inside strings are escaped. For texts that were rejected with
// JsonFault::kBadString.
// Complexity: linear.
void RepairJsonStrings(std::string_view text, std::string& out);

}  // namespace picket
