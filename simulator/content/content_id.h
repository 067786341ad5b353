#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace picket::simulator {

// The content ids and page tokens of the simulated API. Real content ids look the same. They begin
// with the creation time, so the simulator knows the age of content that it has forgotten.

// Formats a time as 23 digits: the date and the time to the millisecond, followed by six digits
// that distinguish blobs of the same millisecond.
std::string LongTime(absl::Time time, uint64_t sequence);
// Parses a text that LongTime wrote. Returns nullopt if the text has another form.
std::optional<absl::Time> ParseLongTime(std::string_view text, uint64_t& sequence);

// Converts "Audit.Exchange" to "audit_exchange".
std::string ShardName(std::string_view content_type);
std::string ContentId(std::string_view content_type, absl::Time created, uint64_t sequence);

}  // namespace picket::simulator
