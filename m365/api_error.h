#pragma once

#include <string>
#include <string_view>

namespace picket::m365 {

// What to do about a refused request. One decision for each row of the API's error table.
enum class ApiAction {
  kRetry,              // transient: back off and try again
  kThrottle,           // too many requests: lower the tenant's rate, back off
  kNewToken,           // the token is stale: one new token, then again
  kParkTenant,         // an operator must act; probe again slowly
  kParkType,           // the same for one content type
  kStartSubscription,  // not subscribed
  kDisabled,           // the subscription was switched off by an administrator
  kAlreadyEnabled,     // a repeated start: success
  kReplanWindow,       // the window is not allowed: plan anew from the server's clock
  kRestartListing,     // the page link is void: list the window from its start
  kRetryContent,       // the content is said not to exist: a few tries, then dead
  kContentGone,        // the content has expired: dead
  kOurFault,           // the request is wrong: a defect of ours, no retry before the next poll
};

struct ApiError {
  ApiAction action = ApiAction::kRetry;
  std::string code;     // "AF20022"; empty where the answer has none
  std::string message;  // the API's own text, one line, cut
  std::string hint;     // what to do; empty where there is nothing to do
};

// Decides by the code in the body first and by the status only where there is none: throttling also comes as 403, and
// a role that is missing as 401.
ApiError ClassifyApiError(int http_status, std::string_view body);

// `text` as one line of at most `longest` bytes, control characters blanked: fit for a log line.
std::string OneLine(std::string_view text, size_t longest = 300);

}  // namespace picket::m365
