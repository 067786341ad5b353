#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace picket {

// The tenant id that is used for records without a tenant id.
inline constexpr std::string_view kNilTenant = "00000000-0000-0000-0000-000000000000";

// Returns true if the string consists of 8-4-4-4-12 hexadecimal digits, in lower or upper case.
bool IsGuid(std::string_view text);
// The length of the string form of a GUID in characters.
inline constexpr size_t kGuidLength = 36;
// Parses a GUID. Writes the 16 bytes of the GUID to `bytes` and the lower-case string to `lower`,
// which must have room for kGuidLength characters. Returns false if the string is not a GUID. In
// this case, both outputs are undefined.
bool ParseGuid(std::string_view text, std::array<uint8_t, 16>& bytes, char* lower);

// Returns the tenant id in lower case, which is the only form used on topics. Returns nullopt if
// the string is not a GUID.
std::optional<std::string> CanonicalTenant(std::string_view text);

}  // namespace picket
