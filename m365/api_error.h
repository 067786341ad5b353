#pragma once

#include <string>
#include <string_view>

namespace picket::m365 {

// What to do about a rejected request: one action for each row of the API's error table.
enum class ApiAction {
  kRetry,               // transient: retry after a back-off
  kThrottle,            // too many requests: lower the tenant's rate and back off
  kNewToken,            // the token is stale: get one new token, then retry
  kSuspendTenant,       // an operator must act: retry at growing intervals
  kSuspendContentType,  // the same for one content type
  kStartSubscription,   // the content type is not subscribed
  kDisabled,            // an administrator disabled the subscription
  kAlreadyEnabled,      // the subscription was started twice: a success
  kReplanWindow,        // the window is not allowed: plan again by the server's clock
  kRestartListing,      // the page link is invalid: list the window from its start
  kRetryContent,        // the content does not exist: retry a few times, then it is lost
  kContentGone,         // the content has expired: it is lost
  kOurFault,            // our request is wrong, which is a defect: no retry before the next poll
};

struct ApiError {
  ApiAction action = ApiAction::kRetry;
  std::string code;     // "AF20022"; empty if the response contains none
  std::string message;  // the API's own message, shortened to one line
  std::string hint;     // what an operator can do; empty if there is nothing to do
};

// Decides by the code in the body, and by the HTTP status only if there is no known code:
// throttling also comes with status 403, and a missing role with 401.
ApiError ClassifyApiError(int http_status, std::string_view body);

// "HTTP 403 AF10001: message — hint", for logs and coverage rows.
std::string Describe(const ApiError& error, int http_status);

// Returns `text` as one line of at most `longest` bytes, with control characters replaced by
// blanks, so that it can be logged.
std::string OneLine(std::string_view text, size_t longest = 300);

}  // namespace picket::m365
