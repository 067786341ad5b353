#include "m365/api_time.h"

#include "common/strings.h"

namespace picket::m365 {

std::optional<absl::Time> ParseApiTime(std::string_view text) {
  absl::Time time;
  for (const char* format :
       {"%Y-%m-%dT%H:%M:%E*SZ", "%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S"}) {
    if (absl::ParseTime(format, ToAbsl(text), &time, nullptr)) return time;
  }
  return std::nullopt;
}

std::string FormatApiTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

std::optional<absl::Time> ParseHttpDate(std::string_view text) {
  absl::Time time;
  if (text.empty() || !absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", ToAbsl(text),
                                       absl::UTCTimeZone(), &time, nullptr)) {
    return std::nullopt;
  }
  return time;
}

}  // namespace picket::m365
