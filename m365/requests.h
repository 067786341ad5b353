#pragma once

// The API's URLs, built from our own host, tenant and ids, and what its answers hold. Links that the API serves are
// taken apart, checked and put together again: the bearer goes nowhere else.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace picket::m365 {

// Of one tenant.
struct ApiAddress {
  std::string api_url;  // https://manage.office.com
  std::string tenant;
  std::string publisher;

  std::string Root() const;  // …/api/v1.0/{tenant}/activity/feed
};

std::string ListSubscriptionsUrl(const ApiAddress& api);
std::string StartSubscriptionUrl(const ApiAddress& api, std::string_view content_type);
std::string ListContentUrl(const ApiAddress& api, std::string_view content_type, absl::Time start,
                           absl::Time end);
std::string RetrieveUrl(const ApiAddress& api, std::string_view content_id);

// What to request for a NextPageUri: the link with PublisherIdentifier put back and everything else untouched.
// PermissionDenied when the link leads to another scheme, host, port or tenant, or off the content listing.
absl::StatusOr<std::string> FollowPageLink(const ApiAddress& api, std::string_view link);

struct ContentEntry {
  std::string content_id;
  absl::Time created;
  absl::Time expiration;
};
struct ContentPage {
  std::vector<ContentEntry> entries;
  int unusable = 0;  // entries without an id or a time
};
absl::StatusOr<ContentPage> ParseContentPage(std::string_view body);

struct Subscription {
  std::string content_type;
  bool enabled = false;
};
absl::StatusOr<std::vector<Subscription>> ParseSubscriptions(std::string_view body);

// RFC 3339, with or without a zone (then UTC).
std::optional<absl::Time> ParseApiTime(std::string_view text);
// RFC 3339 in UTC with as many fractional digits as are needed.
std::string TimeText(absl::Time time);

}  // namespace picket::m365
