#pragma once

// Skips over values in JSON text that has not been indexed and may be damaged.

#include <cstddef>
#include <string_view>

namespace picket {

// Returns the position after the string that begins at `at`, or npos if the string is not closed.
size_t SkipJsonString(std::string_view json, size_t at);
// Returns the position after the object or array that begins at `at`, or npos if it is not closed.
// Brackets are counted, but '}' and ']' are not distinguished.
// Complexity: linear, without recursion.
size_t SkipJsonContainer(std::string_view json, size_t at);
// Returns the position after the value that begins at `at`, which may be of any kind. Returns npos
// if a string, object or array is not closed, or if `at` is the end of the text.
size_t SkipJsonValue(std::string_view json, size_t at);
// Returns the position after the whitespace that begins at `at`.
size_t SkipJsonBlanks(std::string_view json, size_t at);

}  // namespace picket
