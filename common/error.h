#pragma once

// What each status code means in Picket. A code has one meaning everywhere, so that one function can decide about retry.
//
//   InvalidArgument     the caller, the configuration or a rule is wrong; the same call will fail again
//   NotFound            the named thing does not exist; final
//   PermissionDenied    credentials or consent are wrong; an operator must act
//   Unauthenticated     the token is stale or foreign; a new token may help, once
//   ResourceExhausted   a quota or a budget is used up; retry after back-off
//   Unavailable         the other side cannot be reached or answered 5xx; retry after back-off
//   DeadlineExceeded    no answer in time, the outcome is unknown; retry after back-off
//   Aborted             the transaction was aborted; repeat it from the committed offsets
//   DataLoss            bytes are missing or damaged; a dead letter or a gap row says which
//   FailedPrecondition  the environment does not fit (missing topic, other partition count); stop and say so
//   Cancelled           a stop was asked for
//   Internal            a broken invariant

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace picket {

// True for the codes after which the outer loop tries again.
bool IsRetryable(const absl::Status& status);

// The message with "context: " before it; code kept.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// errno as text, for messages: "No such file or directory".
std::string ErrnoText(int error_number);

}  // namespace picket
