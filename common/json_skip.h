#pragma once

// Steps over values of a JSON text that has not been indexed, and may be damaged.

#include <cstddef>
#include <string_view>

namespace picket {

// The place behind the string, or the object or array, that begins at `at`; npos when it is not closed. Brackets are
// counted, not told apart.
size_t SkipJsonText(std::string_view json, size_t at);
size_t SkipJsonContainer(std::string_view json, size_t at);

}  // namespace picket
