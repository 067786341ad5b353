#pragma once

// What the encoding modifiers of Sigma make of a value: UTF-16, base64, the dashes of Windows command lines.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/glob.h"

namespace picket::sigma {

// UTF-8 to UTF-16; bytes that are no UTF-8 become U+FFFD.
std::string Utf16(std::string_view text, bool big_endian);

std::string Base64(std::string_view bytes);

// The three ways the bytes can look inside a longer base64 text, without the characters that their neighbours decide.
// An empty one when the bytes are too few to leave a trace.
std::array<std::string, 3> Base64Offsets(std::string_view bytes);

// Every way to write the switches of a command line: a dash or slash that begins a word stands for any of five signs.
// False when that gives more patterns than five switches do.
bool WindashVariants(const Glob& glob, std::vector<Glob>& variants);

}  // namespace picket::sigma
