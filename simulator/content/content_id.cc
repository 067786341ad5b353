#include "simulator/content/content_id.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/strings.h"

namespace picket::simulator {

std::string LongTime(absl::Time time, uint64_t sequence) {
  return absl::StrFormat("%s%03d%06d", absl::FormatTime("%Y%m%d%H%M%S", time, absl::UTCTimeZone()),
                         absl::ToUnixMillis(time) % 1000, sequence % 1'000'000);
}

std::optional<absl::Time> ParseLongTime(std::string_view text, uint64_t& sequence) {
  int64_t milliseconds = 0;
  absl::Time time;
  std::string error;
  if (text.size() != 23 || !absl::SimpleAtoi(ToAbsl(text.substr(14, 3)), &milliseconds) ||
      !absl::SimpleAtoi(ToAbsl(text.substr(17)), &sequence) ||
      !absl::ParseTime("%E4Y%m%d%H%M%S", ToAbsl(text.substr(0, 14)), &time, &error)) {
    return std::nullopt;
  }
  return time + absl::Milliseconds(milliseconds);
}

std::string ShardName(std::string_view content_type) {
  std::string name = LowerAscii(content_type);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::string ContentId(std::string_view content_type, absl::Time created, uint64_t sequence) {
  const std::string shard = ShardName(content_type);
  std::string capital = shard;
  if (absl::StartsWith(capital, "audit_")) {
    capital = absl::StrCat("Audit_", std::string(content_type.substr(6)));
  }
  const std::string time = LongTime(created, sequence);
  return absl::StrCat(time, "$", time, "$", shard, "$", capital, "$emea0036");
}

}  // namespace picket::simulator
