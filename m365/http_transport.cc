#include "m365/http_transport.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "common/strings.h"
#include "m365/api_time.h"

namespace picket::m365 {

std::optional<absl::Time> HttpResponse::Date() const { return ParseHttpDate(FindHeader("date")); }

std::optional<absl::Duration> HttpResponse::RetryAfter() const {
  const std::string_view text = TrimBlanks(FindHeader("retry-after"));
  int64_t seconds = 0;
  if (absl::SimpleAtoi(ToAbsl(text), &seconds) && seconds >= 0) return absl::Seconds(seconds);
  const std::optional<absl::Time> until = ParseHttpDate(text);
  const std::optional<absl::Time> date = Date();
  if (!until.has_value() || !date.has_value()) return std::nullopt;
  return std::max(*until - *date, absl::ZeroDuration());
}

}  // namespace picket::m365
