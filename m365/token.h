#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "m365/http_transport.h"
#include "m365/secret.h"
#include "m365/tenant_config.h"

namespace picket::m365 {

struct AccessToken {
  Secret bearer;
  absl::Time refresh_at;  // 80 % of its life
  absl::Time expires_at;
  int generation = 0;  // told apart from the token before it
};

// The client-credentials request of the v2 endpoint.
HttpRequest TokenRequest(const TenantConfig& tenant, absl::Duration timeout);

// The token, or what the endpoint says with what to do about it: PermissionDenied where an operator must act,
// Unavailable and ResourceExhausted where trying again helps. No secret in any text.
absl::StatusOr<AccessToken> ParseTokenResponse(const TenantConfig& tenant,
                                               const HttpResponse& response, absl::Time now);

// When a tenant needs a token request, and which token is in use. One request at a time; a refused token is replaced
// once, a second refusal in a row is a fault.
// Threads: one. Lifetime: one a tenant.
class TokenState {
 public:
  TokenState();

  // The token to send, while it lives.
  const AccessToken* Usable(absl::Time now) const;
  // True when a request for a token should go out now.
  bool Due(absl::Time now) const;
  void OnSent() { requested_ = true; }
  // Takes the answer in. On an error the next request waits: seconds after a transient one, minutes where an operator
  // must act. Returns the error.
  absl::Status OnAnswer(absl::StatusOr<AccessToken> answer, absl::Time now);
  // The API refused a request that carried the token of `generation`. False when the token before it was refused too,
  // so that another would be as well; the next is asked for after minutes.
  bool Refused(int generation, absl::Time now);
  // The API took the token.
  void Accepted() { refused_in_a_row_ = 0; }
  absl::Time not_before() const { return not_before_; }

 private:
  std::optional<AccessToken> token_;
  bool requested_ = false;
  int generation_ = 0;
  int refused_in_a_row_ = 0;
  absl::Time not_before_ = absl::InfinitePast();
  Backoff transient_;
  Backoff parked_;
};

}  // namespace picket::m365
