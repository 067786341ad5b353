#pragma once

// Steps over values of a JSON text that has not been indexed, and may be damaged.

#include <cstddef>
#include <string_view>

namespace picket {

// The place behind the string, or the object or array, that begins at `at`; npos when it is not closed. Brackets are
// counted, not told apart.
// Complexity: linear, no recursion.
size_t SkipJsonText(std::string_view json, size_t at);
size_t SkipJsonContainer(std::string_view json, size_t at);
// The place behind the value that begins at `at`, of any kind; npos when the text ends before it does.
size_t SkipJsonValue(std::string_view json, size_t at);
// The place behind the blanks at `at`.
size_t SkipJsonBlanks(std::string_view json, size_t at);

}  // namespace picket
