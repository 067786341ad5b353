#include "simulator/token_endpoint.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket::simulator {

bool IsApiAudience(std::string_view audience, std::string_view origin) {
  return audience == origin || audience == "https://manage.office.com" ||
         audience == "https://manage-gcc.office.com";
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
  json.Key("appid").Value(token.client_id).Key("appidacr");
  json.Value(token.by_certificate ? "2" : "1").Key("idtyp");
  json.Value(token.scope.empty() ? "app" : "user");
  if (!token.scope.empty()) json.Key("scp").Value(token.scope);
  // Like Entra, omits the `roles` claim if no role was granted.
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

TokenEndpoint::TokenEndpoint(uint64_t seed, absl::Duration token_lifetime,
                             const std::vector<Tenant>& tenants, Random& chance)
    : token_lifetime_(token_lifetime), tenants_(tenants), chance_(chance), issuer_(seed) {}

TokenEndpoint::Answer TokenEndpoint::Reject(int status, std::string_view error, int code,
                                            std::string_view message, absl::Time now) {
  const std::string trace = chance_.Guid();
  const std::string correlation = chance_.Guid();
  const std::string timestamp = absl::FormatTime("%Y-%m-%d %H:%M:%SZ", now, absl::UTCTimeZone());
  std::string body;
  JsonWriter json(&body);
  json.BeginObject().Key("error").Value(error);
  json.Key("error_description")
      .Value(absl::StrCat("AADSTS", code, ": ", ToAbsl(message), " Trace ID: ", trace,
                          " Correlation ID: ", correlation, " Timestamp: ", timestamp));
  json.Key("error_codes").BeginArray().Value(code).EndArray();
  json.Key("timestamp").Value(timestamp).Key("trace_id").Value(trace);
  json.Key("correlation_id").Value(correlation);
  json.Key("error_uri").Value(absl::StrCat("https://login.example/error?code=", code)).EndObject();
  return {JsonAnswer(status, std::move(body)), absl::StrCat("AADSTS", code)};
}

TokenEndpoint::Answer TokenEndpoint::Handle(const HttpRequest& request,
                                            std::string_view tenant_name, bool v2, absl::Time now,
                                            const FaultHits& hits) {
  if (request.method != "POST") {
    return Reject(400, "invalid_request", 900561, "The endpoint only accepts POST requests.", now);
  }
  const Tenant* const tenant = FindTenant(tenants_, tenant_name);
  if (tenant == nullptr) {
    return Reject(
        400, "invalid_request", 90002,
        absl::StrCat("Tenant '", ToAbsl(tenant_name),
                     "' not found. Check that the tenant ID is right and belongs to this cloud."),
        now);
  }
  const Parameters form = ParseParameters(request.body);
  const auto value = [&form](std::string_view name) {
    const std::string* const found = FindParameter(form, name);
    return found == nullptr ? std::string() : *found;
  };
  std::string client_id = value("client_id");
  std::string client_secret = value("client_secret");
  // The client may send its credentials by basic authentication instead of in the form.
  if (absl::StartsWithIgnoreCase(request.authorization, "Basic ")) {
    const std::optional<std::string> pair = Base64Decode(request.authorization.substr(6));
    const size_t colon = pair.has_value() ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      client_id = PercentDecode(pair->substr(0, colon));
      client_secret = PercentDecode(pair->substr(colon + 1));
    }
  }
  if (value("grant_type").empty()) {
    return Reject(400, "invalid_request", 900144,
                  "The request body must contain the parameter 'grant_type'.", now);
  }
  if (value("grant_type") != "client_credentials") {
    return Reject(400, "unsupported_grant_type", 70003,
                  absl::StrCat("The grant type '", value("grant_type"), "' is unsupported."), now);
  }
  if (client_id.empty()) {
    return Reject(400, "invalid_request", 900144,
                  "The request body must contain the parameter 'client_id'.", now);
  }
  if (hits.Find(FaultKind::kWrongCloud) != nullptr) {
    return Reject(400, "invalid_client", 900382,
                  "Confidential Client is not supported in Cross Cloud request.", now);
  }
  if (!EqualsIgnoreCase(client_id, tenant->client_id) || !tenant->app_installed ||
      hits.Find(FaultKind::kAppMissing) != nullptr) {
    return Reject(400, "unauthorized_client", 700016,
                  absl::StrCat("Application with identifier '", client_id,
                               "' was not found in the directory '", tenant->name,
                               "'. It may not be installed there, or no user consented."),
                  now);
  }
  if (hits.Find(FaultKind::kAppDisabled) != nullptr) {
    return Reject(401, "unauthorized_client", 7000112,
                  absl::StrCat("Application '", client_id, "'(", client_id, ") is disabled."), now);
  }
  const std::string assertion = value("client_assertion");
  if (!assertion.empty()) {
    if (value("client_assertion_type") !=
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
      return Reject(400, "invalid_request", 900144,
                    "The request body must contain the parameter 'client_assertion_type'.", now);
    }
    if (hits.Find(FaultKind::kCertificateUnknown) != nullptr) {
      return Reject(401, "invalid_client", 700027,
                    "The certificate that signed the client assertion is not registered.", now);
    }
    AssertionContext context{client_id, {}, tenant->certificates, tenant->federated, now};
    for (const std::string& name : {tenant->id, tenant->domain}) {
      context.token_urls.push_back(absl::StrCat(request.origin, "/", name, "/oauth2/v2.0/token"));
      context.token_urls.push_back(absl::StrCat(request.origin, "/", name, "/oauth2/token"));
      context.token_urls.push_back(absl::StrCat(request.origin, "/", name, "/v2.0"));
    }
    if (const std::optional<AssertionFault> fault = CheckAssertion(assertion, context)) {
      return Reject(401, "invalid_client", fault->code, fault->message, now);
    }
  } else {
    if (client_secret.empty()) {
      return Reject(
          401, "invalid_client", 7000218,
          "The request body must contain the parameter 'client_assertion' or 'client_secret'.",
          now);
    }
    const bool is_known = client_secret == tenant->client_secret ||
                          std::find(tenant->other_secrets.begin(), tenant->other_secrets.end(),
                                    client_secret) != tenant->other_secrets.end();
    if (!is_known || hits.Find(FaultKind::kWrongSecret) != nullptr) {
      return Reject(401, "invalid_client", 7000215,
                    absl::StrCat("Invalid client secret provided. Send the secret's value, not "
                                 "its ID, for the app '",
                                 client_id, "'."),
                    now);
    }
    if (tenant->secret_expired || hits.Find(FaultKind::kSecretExpired) != nullptr) {
      return Reject(
          401, "invalid_client", 7000222,
          absl::StrCat("The client secret keys of the app '", client_id, "' are expired."), now);
    }
  }

  std::string audience = value(v2 ? "scope" : "resource");
  if (v2 && !value("resource").empty()) {
    return Reject(400, "invalid_request", 901002,
                  "The 'resource' request parameter is not supported.", now);
  }
  if (audience.empty()) {
    return Reject(400, "invalid_request", 900144,
                  absl::StrCat("The request body must contain the parameter '",
                               v2 ? "scope" : "resource", "'."),
                  now);
  }
  if (v2) {
    constexpr std::string_view kDefault = "/.default";
    if (!absl::EndsWith(audience, ToAbsl(kDefault))) {
      return Reject(
          400, "invalid_scope", 70011,
          absl::StrCat("The scope '", audience, "' is not valid; it must end in /.default."), now);
    }
    audience.resize(audience.size() - kDefault.size());
  }
  while (!audience.empty() && audience.back() == '/') audience.pop_back();
  if (!IsApiAudience(audience, request.origin)) {
    return Reject(400, "invalid_resource", 500011,
                  absl::StrCat("The resource principal named ", audience,
                               " was not found in the tenant '", tenant->name, "'."),
                  now);
  }

  return Issue(*tenant, audience, !assertion.empty(), v2, now, hits);
}

TokenEndpoint::Answer TokenEndpoint::Issue(const Tenant& tenant, const std::string& audience,
                                           bool by_certificate, bool v2, absl::Time now,
                                           const FaultHits& hits) {
  AccessToken token;
  token.tenant = tenant.id;
  token.client_id = tenant.client_id;
  token.audience = audience;
  token.by_certificate = by_certificate;
  token.roles = tenant.roles;
  absl::Duration lifetime = token_lifetime_;
  if (const Fault* const fault = hits.Find(FaultKind::kTokenLifetime)) lifetime = fault->duration;
  token.expires = now + lifetime;
  if (hits.Find(FaultKind::kConsentMissing) != nullptr) token.roles.clear();
  if (hits.Find(FaultKind::kNoDlp) != nullptr) {
    token.roles.erase(std::remove(token.roles.begin(), token.roles.end(), "ActivityFeed.ReadDlp"),
                      token.roles.end());
  }
  if (hits.Find(FaultKind::kDelegated) != nullptr) {
    token.scope = absl::StrJoin(token.roles, " ");
    token.roles.clear();
  }
  if (const Fault* const fault = hits.Find(FaultKind::kWrongAudience)) {
    token.audience = fault->value;
  }
  if (hits.Find(FaultKind::kWrongTenant) != nullptr) token.tenant = kForeignTenant;
  const std::string text = issuer_.Issue(token, now);
  const int64_t seconds = absl::ToInt64Seconds(lifetime);

  std::string body;
  JsonWriter json(&body);
  json.BeginObject().Key("token_type").Value("Bearer");
  if (v2) {
    json.Key("expires_in").Value(seconds).Key("ext_expires_in").Value(seconds);
  } else {
    json.Key("expires_in").Value(absl::StrCat(seconds));
    json.Key("ext_expires_in").Value(absl::StrCat(seconds));
    json.Key("expires_on").Value(absl::StrCat(absl::ToUnixSeconds(token.expires)));
    json.Key("not_before").Value(absl::StrCat(absl::ToUnixSeconds(now)));
    json.Key("resource").Value(audience);
  }
  json.Key("access_token").Value(text).EndObject();
  return {JsonAnswer(200, std::move(body)), "ok"};
}

}  // namespace picket::simulator
