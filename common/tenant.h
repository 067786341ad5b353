#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace picket {

// The tenant of records that contain no tenant id.
inline constexpr std::string_view kNilTenant = "00000000-0000-0000-0000-000000000000";

// True for 8-4-4-4-12 hexadecimal digits, in either case.
bool IsGuid(std::string_view text);
// Length of a GUID as a string.
inline constexpr size_t kGuidLength = 36;
// Parses a GUID. Writes its 16 bytes to `bytes` and its lower-case form to `lower`, which has room
// for kGuidLength characters. Returns false if the string is not a GUID; both outputs are then
// undefined.
bool ParseGuid(std::string_view text, std::array<uint8_t, 16>& bytes, char* lower);

// The tenant id in lower case, the only form used on topics. Empty if the string is not a GUID.
std::optional<std::string> CanonicalTenant(std::string_view text);

}  // namespace picket
