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

// All times in this file are monotonic (Clock::SinceStart): the endpoint returns the token's
// lifetime in seconds, so an adjusted clock neither prolongs nor shortens it.

struct AccessToken {
  Secret bearer;
  absl::Duration refresh_at;  // after 80 % of its lifetime
  absl::Duration expires_at;
  int generation = 0;  // differs from that of every earlier token
};

// The client-credentials request of the v2 endpoint.
HttpRequest TokenRequest(const TenantConfig& tenant, absl::Duration timeout);

// Returns the token, or the endpoint's error with a hint. PermissionDenied if an operator must act;
// Unavailable or ResourceExhausted if a retry may help. No message contains the secret.
absl::StatusOr<AccessToken> ParseTokenResponse(const TenantConfig& tenant,
                                               const HttpResponse& response, absl::Duration now);

// Decides when a tenant needs a token request and which token is in use. Only one request is under
// way at a time. A rejected token is replaced once; a second rejection in a row is a fault.
// Threads: one. Lifetime: one per tenant.
class TokenState {
 public:
  TokenState();

  // The token to send; null if there is none or it has expired.
  const AccessToken* Usable(absl::Duration now) const;
  // True if a token request should be sent now.
  bool Due(absl::Duration now) const;
  void OnSent() { requested_ = true; }
  // Stores the token. After an error the next request waits: seconds after a transient error,
  // minutes if an operator must act. Returns the error.
  absl::Status OnAnswer(absl::StatusOr<AccessToken> answer, absl::Duration now);
  // The API rejected a request that carried the token of `generation`. Returns false if the
  // previous token was rejected too, so that another one would not help; the next request then
  // waits minutes.
  bool OnRefused(int generation, absl::Duration now);
  // The API accepted the token.
  void OnAccepted() { consecutive_refusals_ = 0; }
  // No request is sent before this time.
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
