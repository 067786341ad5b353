#pragma once

#include <string>
#include <string_view>

namespace picket::m365 {

// The action to take after the API has rejected a request. The table in api_error.cc contains the
// action for each documented error code.
enum class ApiAction {
  kRetry,               // transient error; retry after a back-off
  kThrottle,            // too many requests; lower the tenant's rate and back off
  kNewToken,            // stale token; get one new token, then retry
  kSuspendTenant,       // an operator must act; retry at growing intervals
  kSuspendContentType,  // an operator must act; suspend only this content type
  kStartSubscription,   // missing subscription; start the subscription
  kDisabled,            // subscription disabled by an administrator; start it again
  kAlreadyEnabled,      // subscription started twice; treat the response as a success
  kReplanWindow,        // invalid window; plan again with the server's clock
  kRestartListing,      // invalid page link; list the window from its start
  kRetryContent,        // missing content; retry for at least a day, then give the content up
  kContentGone,         // expired content; give the content up
  kOurFault,  // invalid request because of a defect in Picket; retry only at the next poll
};

struct ApiError {
  ApiAction action = ApiAction::kRetry;
  std::string code;  // such as "AF20022"; empty if the response contains no code
  // True if `code` is in the table in api_error.cc. Otherwise, `code` may be any text that the
  // server has sent.
  bool is_documented = false;
  std::string message;  // the API's message, shortened to one line
  std::string hint;     // advice for an operator; empty if there is no advice
};

// Classifies an error by the code in the body, and by the HTTP status only if the body contains no
// known code. The status alone is ambiguous: throttling may also have status 403, and a missing
// role may have status 401.
ApiError ClassifyApiError(int http_status, std::string_view body);

// Returns a description for logs and coverage rows, such as "HTTP 403 AF10001: message — hint".
std::string Describe(const ApiError& error, int http_status);

// Returns `text` without surrounding whitespace as one line for logs (CleanLine).
std::string OneLine(std::string_view text, size_t longest = 300);

}  // namespace picket::m365
