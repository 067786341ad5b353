#include "simulator/token_issuer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "simulator/random.h"

namespace picket::simulator {

std::string Base64UrlEncode(std::string_view bytes) {
  std::string out;
  absl::WebSafeBase64Escape(ToAbsl(bytes), &out);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  std::string out;
  if (!absl::Base64Unescape(ToAbsl(text), &out)) return std::nullopt;
  return out;
}

TokenIssuer::TokenIssuer(uint64_t seed) : key_(Random(SeedFor(seed, "token key")).Hex(64)) {}

std::string TokenIssuer::Issue(const AccessToken& token, absl::Time now) {
  absl::erase_if(issued_, [now](const auto& entry) { return entry.second.expires <= now; });

  std::string header;
  JsonWriter(&header).BeginObject().Key("typ").Value("JWT").Key("alg").Value("HS256").EndObject();
  std::string claims;
  JsonWriter json(&claims);
  json.BeginObject().Key("aud").Value(token.audience);
  json.Key("iss").Value(absl::StrCat("https://sts.windows.net/", token.tenant, "/"));
  json.Key("iat").Value(absl::ToUnixSeconds(now)).Key("nbf").Value(absl::ToUnixSeconds(now));
  json.Key("exp").Value(absl::ToUnixSeconds(token.expires));
  json.Key("appid").Value(token.client_id).Key("appidacr").Value("1").Key("idtyp").Value("app");
  // Entra leaves the claim out when no role was granted.
  if (!token.roles.empty()) {
    json.Key("roles").BeginArray();
    for (const std::string& role : token.roles) json.Value(role);
    json.EndArray();
  }
  json.Key("tid").Value(token.tenant).Key("uti").Value(absl::StrCat("t", ++next_id_));
  json.Key("ver").Value("1.0").EndObject();

  std::string text = absl::StrCat(Base64UrlEncode(header), ".", Base64UrlEncode(claims));
  unsigned char signature[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), signature, &length);
  absl::StrAppend(
      &text, ".",
      Base64UrlEncode(std::string_view(reinterpret_cast<const char*>(signature), length)));
  issued_[text] = token;
  return text;
}

std::optional<AccessToken> TokenIssuer::Check(std::string_view bearer, absl::Time now) const {
  const auto found = issued_.find(bearer);
  if (found == issued_.end() || found->second.expires <= now) return std::nullopt;
  return found->second;
}

}  // namespace picket::simulator
