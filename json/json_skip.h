#pragma once

// Skips over the values of JSON text that has not been indexed and may be damaged.

#include <cstddef>
#include <string_view>

namespace picket {

// The position after the string that begins at `at`, and after the object or array that begins at
// `at`; npos if it is not closed. Brackets are counted, but '}' and ']' are not distinguished.
// Complexity: linear, no recursion.
size_t SkipJsonString(std::string_view json, size_t at);
size_t SkipJsonContainer(std::string_view json, size_t at);
// The position after the value of any kind that begins at `at`; npos if the text ends inside of it.
size_t SkipJsonValue(std::string_view json, size_t at);
// The position after the whitespace at `at`.
size_t SkipJsonBlanks(std::string_view json, size_t at);

}  // namespace picket
