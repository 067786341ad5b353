#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/strings.h"
#include "simulator/faults/fault_script.h"
#include "simulator/random.h"
#include "simulator/server/http.h"
#include "simulator/tenant.h"

namespace picket::simulator {

// The tenant of tokens that have the wrong tenant (the fault wrong-tenant).
inline constexpr std::string_view kForeignTenant = "00000000-0000-4000-8000-00000000f0e1";

// Returns true if a token for this audience is valid for the API at `origin`.
bool IsApiAudience(std::string_view audience, std::string_view origin);

struct AccessToken {
  std::string tenant;
  std::string client_id;
  std::string audience;
  std::vector<std::string> roles;
  std::string scope;  // of a delegated token, which has no roles
  bool by_certificate = false;
  absl::Time expires;
};

// Issues access tokens in Entra's format (a JWT with aud, iss, tid, appid, roles, nbf, exp), signed
// with HS256 and the issuer's own key. The issuer accepts only the tokens that it has in memory.
// Therefore, after a restart, the simulator rejects older tokens as if they had expired.
// Threads: One thread at a time. The cloud's lock ensures this.
class TokenIssuer {
 public:
  explicit TokenIssuer(uint64_t seed);

  std::string Issue(const AccessToken& token, absl::Time now);
  // Returns the contents of a token, or nullopt if the token has expired or is from another issuer.
  std::optional<AccessToken> Check(std::string_view bearer, absl::Time now) const;

 private:
  std::string key_;
  uint64_t next_id_ = 0;
  StringMap<AccessToken> issued_;
};

// The token endpoint of the simulated cloud, in versions 1 and 2. The endpoint rejects requests
// with the AADSTS codes that Entra uses.
// Threads: One thread at a time. The cloud's lock ensures this. Lifetime: `tenants` and `chance`
// must outlive the endpoint.
class TokenEndpoint {
 public:
  struct Answer {
    HttpResponse response;
    std::string result;  // "ok" or the AADSTS code
  };

  // `chance` is the source of the trace ids in error responses.
  TokenEndpoint(uint64_t seed, absl::Duration token_lifetime, const std::vector<Tenant>& tenants,
                Random& chance);

  // Answers a token request. `tenant` is the id or the domain in the URL. If `v2` is true, the
  // request is for version 2 of the endpoint, and otherwise for version 1. `hits` contains the
  // faults of tokens and credentials.
  Answer Handle(const HttpRequest& request, std::string_view tenant, bool v2, absl::Time now,
                const FaultHits& hits);
  Answer Reject(int status, std::string_view error, int code, std::string_view message,
                absl::Time now);

  // Returns the contents of a token, or nullopt if the token has expired or was not issued by this
  // endpoint.
  std::optional<AccessToken> Check(std::string_view bearer, absl::Time now) const {
    return issuer_.Check(bearer, now);
  }

 private:
  Answer Issue(const Tenant& tenant, const std::string& audience, bool by_certificate, bool v2,
               absl::Time now, const FaultHits& hits);

  const absl::Duration token_lifetime_;
  const std::vector<Tenant>& tenants_;
  Random& chance_;
  TokenIssuer issuer_;
};

}  // namespace picket::simulator
