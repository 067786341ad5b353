#pragma once

// Slow twins of the functions that the matcher applies to values: case folding, and the comparison
// of addresses and numbers. The twins share no code with the matcher.

#include <cstdint>
#include <string>
#include <string_view>

namespace picket::detector {

// Folds the case of one code point with the Unicode table in case_folding_table.h.
uint32_t NaivelyFolded(uint32_t code_point);
// Folds a UTF-8 string. Bytes that are not valid UTF-8 stay unchanged.
std::string NaivelyFolded(std::string_view text);

// Returns whether an address belongs to a network in CIDR notation. The address may have a port,
// brackets or a zone.
bool IsNaivelyInNetwork(std::string_view address, std::string_view network);

// Returns the canonical text of the address in a value: without port, brackets and zone, and an
// IPv4 address in IPv6 notation as an IPv4 address. Returns "" if the value is not an address.
std::string NaiveAddress(std::string_view value);
// The same for a value that is an address without a port.
std::string NaiveBareAddress(std::string_view value);

// Compares two decimal numbers digit by digit. Returns a negative number, 0 or a positive number.
int NaivelyCompared(std::string_view a, std::string_view b);
// Returns the shortest decimal number that becomes this double.
std::string NaiveDecimal(double number);

// Returns a number in a form in which equal numbers are equal strings. For example, "1.50" becomes
// "1.5". Returns any other string unchanged.
std::string NaivelyCanonical(std::string_view number);

}  // namespace picket::detector
