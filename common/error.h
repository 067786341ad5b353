#pragma once

// The meaning of each status code in Picket. A code has the same meaning everywhere, so a single
// function can decide whether to retry.
//
//   InvalidArgument     the caller, the configuration or a rule is wrong; the same call fails again
//   NotFound            the named object does not exist; do not retry
//   PermissionDenied    the credentials are wrong or consent is missing; an operator must act
//   Unauthenticated     the token is stale or belongs to another tenant; try one new token
//   ResourceExhausted   a quota or a budget is used up; retry after a back-off
//   Unavailable         the server is unreachable or returned status 5xx; retry after a back-off
//   DeadlineExceeded    no response arrived in time, so the outcome is unknown; retry after a
//                       back-off
//   Aborted             the transaction was aborted; start again from the committed offsets
//   DataLoss            bytes are missing or damaged; a dead letter or a gap row describes them
//   FailedPrecondition  the environment is unsuitable (missing topic, wrong partition count);
//                       stop with this error
//   Cancelled           a stop was requested
//   Internal            an invariant is violated

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace picket {

// Returns true if the loop that runs the failed operation should retry it after a back-off.
bool IsRetryable(const absl::Status& status);

// Returns `status` with the same code and with "context: " prepended to the message.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// Returns the description of an errno value, such as "No such file or directory". The description
// of EMFILE contains the limit of file descriptors and how to raise it.
std::string ErrnoText(int error_number);

}  // namespace picket
