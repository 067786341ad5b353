#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/strings.h"

namespace picket::simulator {

struct AccessToken {
  std::string tenant;
  std::string client_id;
  std::string audience;
  std::vector<std::string> roles;
  absl::Time expires;
};

// Makes access tokens in the form of Entra's (a JWT with aud, iss, tid, appid, roles, nbf, exp), signed with HS256
// and a key of its own, and knows those it made.
// Threads: one at a time (the cloud's lock). A restarted simulator does not know the tokens of the one before, so a
// client that keeps one is refused as with a stale token.
class TokenIssuer {
 public:
  explicit TokenIssuer(uint64_t seed);

  std::string Issue(const AccessToken& token, absl::Time now);
  // The token's content when it was issued here and has not expired.
  std::optional<AccessToken> Check(std::string_view bearer, absl::Time now) const;

 private:
  std::string key_;
  uint64_t next_id_ = 0;
  StringMap<AccessToken> issued_;
};

std::string Base64UrlEncode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace picket::simulator
