#pragma once

// Case folding for comparisons that ignore case: ASCII fast, Unicode by simple (one to one) folding. JSON's escapes are
// taken out in the same pass.

#include <cstddef>
#include <string>
#include <string_view>

#include "detector/text/cpu_kernel.h"

namespace picket::detector {

// All of these write to `out`, which has room for the text and kFoldSlack bytes more, and never more than the text is
// long; what stands behind it is spoilt. Bytes that are no UTF-8 pass unchanged.
inline constexpr size_t kFoldSlack = 64;

// Returns the size of the folded text.
size_t Fold(std::string_view text, char* out, Kernel kernel = BestKernel());

// The same of the inside of a JSON string. False when it holds a backslash that JSON has no escape for, or half a
// surrogate pair.
bool FoldJson(std::string_view inner, char* out, size_t& size, Kernel kernel = BestKernel());
// Without folding.
bool UnescapeJson(std::string_view inner, char* out, size_t& size, Kernel kernel = BestKernel());

std::string Folded(std::string_view text);

}  // namespace picket::detector
