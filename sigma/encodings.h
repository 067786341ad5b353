#pragma once

// The transformations of the encoding modifiers: UTF-16, base64, and the dashes of Windows command
// lines.
// Facts: Sigma specification 2.1.0, "Sigma Modifiers Appendix".

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/glob.h"

namespace picket::sigma {

// Converts UTF-8 to UTF-16. Bytes that are not UTF-8 become U+FFFD.
std::string Utf16(std::string_view text, bool big_endian);

std::string Base64(std::string_view bytes);

// The base64 forms of `bytes` at the three possible offsets inside a longer text, without the
// characters that depend on neighbouring bytes. A form is empty if `bytes` is too short to
// determine any character.
std::array<std::string, 3> Base64Offsets(std::string_view bytes);

// All spellings of the switches of a command line: a dash or slash that begins a word is replaced
// by each of five characters: - / and three Unicode dashes. Returns false if there are more than
// 5^5 patterns, or they are too long.
bool WindashVariants(const Glob& glob, std::vector<Glob>& variants);

}  // namespace picket::sigma
