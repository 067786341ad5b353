#pragma once

// The escapes of a JSON text, checked in one sweep over its bytes rather than string by string.

#include <string_view>

#include "json/json_tokens.h"

namespace picket {

// kNone, kSyntax for an escape that JSON has not, kBadText for half a surrogate pair and for a control character
// behind a backslash, which not every kernel of the index sees. `text` has been indexed and ends with a bracket, blanks
// aside. A backslash outside strings is for the walk to find.
JsonFault CheckJsonEscapes(std::string_view text);

}  // namespace picket
