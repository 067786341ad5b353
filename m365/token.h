#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "m365/http_transport.h"
#include "m365/secret.h"
#include "m365/tenant_config.h"

namespace picket::m365 {

// All times in this file are monotonic (Clock::SinceStart). Therefore, setting the machine's clock
// neither prolongs nor shortens the lifetime of a token.

struct AccessToken {
  Secret bearer;
  absl::Duration refresh_at;  // after 80 % of the token's lifetime
  absl::Duration expires_at;
  int generation = 0;  // differs from the generation of every earlier token
};

// Returns a client-credentials request for the v2 endpoint.
HttpRequest TokenRequest(const TenantConfig& tenant, absl::Duration timeout);

// Returns the token, or the endpoint's error with a hint. The error is PermissionDenied if an
// operator must act, and Unavailable or ResourceExhausted if a retry may help. No message contains
// the secret.
absl::StatusOr<AccessToken> ParseTokenResponse(const TenantConfig& tenant,
                                               const HttpResponse& response, absl::Duration now);

// Decides when a tenant needs a token request, and stores the token in use. At most one token
// request is under way at a time. If the API rejects a token, a new token is requested. If the API
// rejects the new token as well, that is an error.
// Threads: an instance is used by one thread only. Lifetime: each tenant has one instance.
class TokenState {
 public:
  TokenState();

  // Returns the token to send, or null if there is no token or the token has expired.
  const AccessToken* Usable(absl::Duration now) const;
  // Returns true if a token request should be sent now.
  bool Due(absl::Duration now) const;
  void OnSent() { requested_ = true; }
  // Stores the token, or returns the error. The next request is delayed by up to two minutes
  // after a transient error, and by up to 15 minutes if an operator must act.
  absl::Status OnAnswer(absl::StatusOr<AccessToken> answer, absl::Duration now);
  // Returns true if the token of `generation` is the one in use.
  bool IsCurrent(int generation) const { return token_.has_value() && generation == generation_; }
  // Called after the API has rejected a request with the token of `generation`. Returns false if
  // the previous token was rejected too. A new token would then not help, so the next token request
  // is delayed by up to 15 minutes.
  bool OnRefused(int generation, absl::Duration now);
  // Called after the API has accepted the token.
  void OnAccepted() { consecutive_refusals_ = 0; }
  // Returns the time before which no token request is sent.
  absl::Duration not_before() const { return not_before_; }

 private:
  std::optional<AccessToken> token_;
  bool requested_ = false;
  int generation_ = 0;
  int consecutive_refusals_ = 0;
  absl::Duration not_before_ = -absl::InfiniteDuration();
  Backoff transient_backoff_;
  Backoff operator_backoff_;
};

}  // namespace picket::m365
