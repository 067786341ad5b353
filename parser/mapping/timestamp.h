#pragma once

// Parses the times of audit records, which have many formats.

#include <cstdint>
#include <optional>
#include <string_view>

namespace picket::parser {

// Parses `YYYY-MM-DDThh:mm:ss[.fraction][Z|±hh:mm]` (also with a blank instead of T) or the US
// format `M/D/YYYY h:mm:ss AM` into milliseconds since 1970. A time without a zone is in UTC.
// Returns nullopt if the string is not a time, or if its year is not in 1990–2199. Records use
// years outside of this range as placeholders.
std::optional<int64_t> ParseTime(std::string_view text);

}  // namespace picket::parser
