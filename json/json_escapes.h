#pragma once

// Checks all escapes of a JSON text in one pass over its bytes, instead of string by string.

#include <string_view>

#include "json/json_tokens.h"

namespace picket {

// Returns kNone if all escapes are valid, kSyntax if an escape does not exist in JSON, and
// kBadString for half a surrogate pair or a control character after a backslash. (Not every
// simdjson kernel reports the latter.) `text` must have been indexed, and must end with a closing
// bracket and optional whitespace. A backslash outside of a string is not reported here; JsonWalker
// reports it.
JsonFault CheckJsonEscapes(std::string_view text);

}  // namespace picket
