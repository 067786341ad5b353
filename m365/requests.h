#pragma once

// Builds the API's URLs from the configured host, tenant and ids, and parses the API's responses. A
// link that the API returns is parsed, checked and rebuilt, so the bearer token is never sent to
// another host.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace picket::m365 {

// The address of the API for one tenant.
struct ApiAddress {
  std::string api_url;  // such as https://manage.office.com
  std::string tenant;
  std::string publisher;

  std::string Root() const;  // returns {api_url}/api/v1.0/{tenant}/activity/feed
};

std::string ListSubscriptionsUrl(const ApiAddress& api);
std::string StartSubscriptionUrl(const ApiAddress& api, std::string_view content_type);
std::string ListContentUrl(const ApiAddress& api, std::string_view content_type, absl::Time start,
                           absl::Time end);
std::string RetrieveUrl(const ApiAddress& api, std::string_view content_id);

// Returns the URL of the next page of a listing. `link` is the NextPageUri header of the response.
// The returned URL keeps the path and the query of the link, but always contains the configured
// PublisherIdentifier. Returns PermissionDenied if the link has another scheme, host, port or
// tenant, or does not lead to the content listing.
absl::StatusOr<std::string> FollowPageLink(const ApiAddress& api, std::string_view link);

struct ContentEntry {
  std::string content_id;
  absl::Time created;
  absl::Time expiration;
};
struct ContentPage {
  std::vector<ContentEntry> entries;
  int unusable = 0;  // entries without a usable id or time
};
absl::StatusOr<ContentPage> ParseContentPage(std::string_view body);

struct Subscription {
  std::string content_type;
  bool enabled = false;
};
absl::StatusOr<std::vector<Subscription>> ParseSubscriptions(std::string_view body);

}  // namespace picket::m365
