#include "fetcher/content_end.h"

#include <algorithm>

namespace picket::fetcher {
namespace {

constexpr absl::Duration kLongestLife = absl::Hours(24 * 30);
constexpr absl::Duration kShortestLife = absl::Hours(24 * 7);
constexpr int kMissingAnswers = 10;
constexpr absl::Duration kMissingFor = absl::Hours(24);

}  // namespace

std::string_view EndCauseName(EndCause cause) {
  switch (cause) {
    case EndCause::kApiExpired:
      return "api_expired";
    case EndCause::kApiMissing:
      return "api_missing";
    case EndCause::kTime:
      return "time";
  }
  return "";
}

absl::Time LastChance(const ListedContent& listed) {
  return std::max(std::min(listed.expiration, listed.created + kLongestLife),
                  listed.created + kShortestLife);
}

std::optional<EndCause> CountFailure(RetrievalFailure failure, const ListedContent& listed,
                                     std::optional<absl::Time> sent_at, absl::Duration now,
                                     RetrievalHistory& history) {
  ++history.attempts;
  if (failure == RetrievalFailure::kExpired) return EndCause::kApiExpired;
  if (failure == RetrievalFailure::kMissing) {
    if (++history.missing == 1) history.first_missing = now;
    if (history.missing >= kMissingAnswers && now - history.first_missing >= kMissingFor) {
      return EndCause::kApiMissing;
    }
  }
  if (sent_at.has_value() && *sent_at > LastChance(listed)) return EndCause::kTime;
  return std::nullopt;
}

}  // namespace picket::fetcher
