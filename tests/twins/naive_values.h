#pragma once

// Slow and simple versions of the functions that the matcher applies to single values (case
// folding, addresses, numbers). They share no code with the product.

#include <cstdint>
#include <string>
#include <string_view>

namespace picket::detector {

// Folds the case of one code point according to the Unicode table.
uint32_t NaivelyFolded(uint32_t code_point);
// Folds a UTF-8 string. Bytes that are not valid UTF-8 stay unchanged.
std::string NaivelyFolded(std::string_view text);

// Returns whether an address belongs to a network, which is in CIDR notation. The address may have
// a port, brackets or a zone.
bool IsNaivelyInNetwork(std::string_view address, std::string_view network);

// Returns a number in its canonical form, in which equal numbers are equal strings. Returns any
// other string unchanged.
std::string NaivelyCanonical(std::string_view number);

}  // namespace picket::detector
