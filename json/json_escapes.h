#pragma once

// Checks all escapes of a JSON text in one pass over its bytes, instead of string by string.

#include <string_view>

#include "json/json_tokens.h"

namespace picket {

// Returns kNone if all escapes are valid. Returns kSyntax if an escape does not exist in JSON.
// Returns kBadString for a lone surrogate. Also returns kBadString for a control character after a
// backslash, because some simdjson implementations accept it.
// `text` must have been indexed by JsonTokens. It must end with a closing bracket, optionally
// followed by whitespace. Backslashes outside of strings are checked like those inside. JsonWalker
// rejects a text with a backslash outside of a string.
JsonFault CheckJsonEscapes(std::string_view text);

}  // namespace picket
