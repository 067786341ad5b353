#pragma once

// Checks all escapes of a JSON text in one pass over its bytes, instead of string by string.

#include <string_view>

#include "json/json_tokens.h"

namespace picket {

// kNone; kSyntax for an escape that JSON does not have; kBadString for half a surrogate pair, and
// for a control character after a backslash, which not every simdjson kernel reports. `text` must
// have been indexed, and must end with a closing bracket and optional whitespace. Backslashes
// outside of strings are left for the walk to find.
JsonFault CheckJsonEscapes(std::string_view text);

}  // namespace picket
