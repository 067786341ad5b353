#pragma once

// Implements the modifiers that transform values. They encode values in UTF-16 or base64, or
// replace the dashes of Windows command lines.
// Source: Sigma specification 2.1.0, "Sigma Modifiers Appendix".

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/glob.h"

namespace picket::sigma {

// Converts UTF-8 to UTF-16. Replaces bytes that are not valid UTF-8 with U+FFFD.
std::string Utf16(std::string_view text, bool big_endian);

std::string Base64(std::string_view bytes);

// Returns the base64 forms of `bytes` at the three possible offsets inside a longer text, without
// the characters that depend on neighbouring bytes. A form is empty if `bytes` is too short to
// determine any character.
std::array<std::string, 3> Base64Offsets(std::string_view bytes);

// Sets `variants` to all spellings of the switches in a command line. Each dash or slash that
// begins a word is replaced by each of five characters: `-`, `/` and three Unicode dashes. Returns
// false if there are more than 5^5 variants, or if the variants are too large in total.
bool WindashVariants(const Glob& glob, std::vector<Glob>& variants);

}  // namespace picket::sigma
