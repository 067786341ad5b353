#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace picket {

// The tenant of records that name none.
inline constexpr std::string_view kNilTenant = "00000000-0000-0000-0000-000000000000";

// True for 8-4-4-4-12 hexadecimal digits, either case.
bool IsGuid(std::string_view text);
inline constexpr size_t kGuidText = 36;
// A GUID's text as its 16 bytes, and in lower case into `lower`, which has room for kGuidText; false, with nothing
// written that means anything, when it is none.
bool ReadGuid(std::string_view text, std::array<uint8_t, 16>& bytes, char* lower);

// The tenant id in the one form that topics use, lower case; nothing when it is no GUID.
std::optional<std::string> CanonicalTenant(std::string_view text);

}  // namespace picket
