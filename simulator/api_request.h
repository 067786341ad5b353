#pragma once

// Parses requests to the simulated cloud, and decides which listing requests are valid.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "simulator/faults/request_kind.h"
#include "simulator/server/http.h"
#include "simulator/tenant.h"

namespace picket::simulator {

// Returns the content type with this name, ignoring case, or an empty view.
std::string_view KnownContentType(std::string_view name);

// What a request asks for, parsed from its method and its URL.
struct ApiRoute {
  RequestKind kind = RequestKind::kOther;
  bool is_openid = false;
  bool v2 = false;  // whether the request is for version 2 of the token endpoint
  std::string tenant_in_path;
  const Tenant* tenant = nullptr;  // null if the tenant in the path does not exist
  std::string content_id;
  Parameters parameters;
  std::string_view content_type;  // one of kAllContentTypes, or empty
};

ApiRoute ParseRoute(const HttpRequest& request, const std::vector<Tenant>& tenants);

// The message of the error for a window that breaks a rule.
inline constexpr std::string_view kWindowRule =
    "Start time and end time must be given both or not at all, be at most 24 hours apart, and "
    "the start time at most 7 days in the past.";

// The window of a listing request, and the position of the first entry of its page, which is the
// entry's creation time and sequence number.
struct ListingRequest {
  struct Fault {
    std::string code;  // empty if the request is valid
    std::string message;
  };
  Fault fault;
  absl::Time start;
  absl::Time end;
  std::pair<absl::Time, uint64_t> position;
};
// Checks the window and the page token of a listing. `now` is the server's time.
ListingRequest ParseListing(const Parameters& parameters, std::string_view content_type,
                            absl::Time now);

// The simulator serves page links with parameter names in lower case. Returns the name of a
// parameter that is not in lower case, except PublisherIdentifier, which the client adds. Returns
// nullopt if there is none, or if the request does not use a page link.
std::optional<std::string> ChangedParameter(const Parameters& parameters);

}  // namespace picket::simulator
