#pragma once

// Folds case for comparisons that ignore case, and removes JSON escapes in the same pass. ASCII is
// fast. Other letters are folded by Unicode simple (one-to-one) folding; see fold.cc.

#include <cstddef>
#include <string>
#include <string_view>

#include "detector/text/cpu_kernel.h"

namespace picket::detector {

// The output buffer `out` of the functions below must have room for the input size plus kFoldSlack
// bytes. The result is never longer than the input, and the bytes of `out` after the result are
// undefined. Bytes that are not UTF-8 are copied unchanged.
inline constexpr size_t kFoldSlack = 64;

// Folds a text. Returns the size of the result.
size_t Fold(std::string_view text, char* out, Kernel kernel = BestKernel());

// Removes the escapes from `inner`, the content of a JSON string without the quotes, and folds the
// result. Sets `size` to the size of the result. Returns false if `inner` contains an invalid
// escape or half of a surrogate pair.
bool FoldJson(std::string_view inner, char* out, size_t& size, Kernel kernel = BestKernel());
// Removes escapes like FoldJson, but does not fold the text.
bool UnescapeJson(std::string_view inner, char* out, size_t& size, Kernel kernel = BestKernel());

std::string Folded(std::string_view text);

}  // namespace picket::detector
