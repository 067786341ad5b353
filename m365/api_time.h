#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace picket::m365 {

// Parses a time in RFC 3339 format. A time without a zone is in UTC, as in the API's responses.
std::optional<absl::Time> ParseApiTime(std::string_view text);

// Returns the time in RFC 3339 format in UTC, with as many fractional digits as necessary.
std::string FormatApiTime(absl::Time time);

// Parses a time in HTTP format, such as "Mon, 23 Nov 2026 22:48:13 GMT".
std::optional<absl::Time> ParseHttpDate(std::string_view text);

}  // namespace picket::m365
