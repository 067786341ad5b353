#pragma once

// The times of audit records, which come in many formats.

#include <cstdint>
#include <optional>
#include <string_view>

namespace picket::parser {

// Parses `YYYY-MM-DDThh:mm:ss[.fraction][Z|±hh:mm]` (also with a blank instead of T) or the US
// format `M/D/YYYY h:mm:ss AM` into milliseconds since 1970. A time without a zone is UTC. Returns
// nullopt if the string is not a time or is outside 1990–2199: years outside are placeholders.
std::optional<int64_t> ParseTime(std::string_view text);

}  // namespace picket::parser
