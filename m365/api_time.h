#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace picket::m365 {

// Parses RFC 3339. A time without a zone is in UTC, as the API writes it.
std::optional<absl::Time> ParseApiTime(std::string_view text);

// RFC 3339 in UTC, with as many fractional digits as necessary.
std::string FormatApiTime(absl::Time time);

// Parses "Mon, 23 Nov 2026 22:48:13 GMT".
std::optional<absl::Time> ParseHttpDate(std::string_view text);

}  // namespace picket::m365
