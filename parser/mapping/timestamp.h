#pragma once

// Parses the times of audit records, which have many formats.

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/written_date.h"

namespace picket::parser {

// Parses a time into milliseconds since 1970. These formats are supported:
//   YYYY-MM-DDThh:mm:ss[.fraction][Z|±hh:mm]   also with a blank instead of T
//   3/2/2026 8:07:13 AM, 02.03.2026 08:07:13   and others of model/written_date.h
//   /Date(1772438833000)/                      milliseconds
//   1772438833, 1772438833000                  seconds, milliseconds, and smaller units
// A time without a zone is in UTC. `order` says how to read dates such as 3/2/2026. Returns nullopt
// if the string is not a time, or if its year is not in 1990–2199. Records use years outside of
// this range as placeholders.
std::optional<int64_t> ParseTime(std::string_view text, DateOrder order = DateOrder::kMonthFirst);

}  // namespace picket::parser
