#pragma once

// Checks all escapes of a JSON text in one pass over its bytes, instead of string by string.

#include <string_view>

#include "json/json_tokens.h"

namespace picket {

// Returns kNone if all escapes are valid. Returns kSyntax if an escape does not exist in JSON.
// Returns kBadString for a lone surrogate, and for a control character after a backslash. Some
// simdjson implementations do not report such a control character.
// `text` must have been indexed by JsonTokens. It must end with a closing bracket, optionally
// followed by whitespace. A backslash outside of a string is treated like a backslash inside a
// string. JsonWalker rejects a text with such a backslash.
JsonFault CheckJsonEscapes(std::string_view text);

}  // namespace picket
