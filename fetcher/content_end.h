#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "fetcher/ledger.h"

namespace picket::fetcher {

// Why a content blob that was listed is given up. The names are in `ended_by` of its gap row.
enum class EndCause : uint8_t {
  kApiExpired,  // the API says that the content has expired (AF20051)
  kApiMissing,  // the API has said for a day that the content does not exist (AF20050, AF20052)
  kTime,        // the API no longer has to serve the content, and one more attempt has failed
};
std::string_view EndCauseName(EndCause cause);

// How an attempt to retrieve content has failed.
enum class RetrievalFailure : uint8_t {
  kOther,    // there was no response, or a response that says nothing about the content
  kMissing,  // AF20050 or AF20052
  kExpired,  // AF20051
};

// The failed attempts to retrieve a content blob, as far as this process has made them.
struct RetrievalHistory {
  int attempts = 0;
  int missing = 0;               // answers that said kMissing
  absl::Duration first_missing;  // monotonic time of the first of them
};

// Returns the time until which the API must be expected to serve the content: the later of its
// expiration and seven days after its creation. An expiration of more than 30 days after the
// creation counts as 30 days. Source: contentExpiration under "Retrieving content" in the reference
// of the Office 365 Management Activity API, and its limit of seven days for listings.
absl::Time LastChance(const ListedContent& listed);

// Counts a failed attempt, and decides whether the content is given up. `sent_at` is the server's
// time at which the attempt began, or nullopt if the server's time is not known. `now` is
// monotonic. Before LastChance, only the API's own words end content: kExpired, or kMissing at
// least ten times in at least a day. After LastChance, any failed attempt ends it.
std::optional<EndCause> CountFailure(RetrievalFailure failure, const ListedContent& listed,
                                     std::optional<absl::Time> sent_at, absl::Duration now,
                                     RetrievalHistory& history);

}  // namespace picket::fetcher
