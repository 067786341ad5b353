#include "m365/token.h"

#include <simdjson.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "common/strings.h"
#include "m365/api_error.h"
#include "m365/url.h"

namespace picket::m365 {
namespace {

struct EntraRow {
  std::string_view code;
  bool transient;
  std::string_view hint;
};

// Error codes of the token endpoint. Microsoft may change these codes. Therefore, Picket uses them
// only to select a hint and to recognise the errors for which a retry helps.
constexpr EntraRow kEntraRows[] = {
    {"AADSTS7000215", false,
     "the client secret is wrong: store the secret's value, not its ID, in client_secret_file"},
    {"AADSTS7000222", false,
     "the client secret has expired: create a new one in the app registration and store it in "
     "client_secret_file"},
    {"AADSTS7000112", false, "the application is disabled: enable it in the tenant"},
    {"AADSTS7000218", false, "the request contained no credential: check client_secret_file"},
    {"AADSTS700016", false,
     "the tenant does not know the application: check client_id, tenant_id and cloud, and let an "
     "administrator of the tenant consent to the app"},
    {"AADSTS700011", false,
     "the tenant does not know the application: let an administrator of the tenant consent to it"},
    {"AADSTS90002", false, "the tenant was not found: check tenant_id and cloud"},
    {"AADSTS90038", false, "the tenant is in another cloud: check cloud"},
    {"AADSTS900382", false, "the application is in another cloud: check cloud"},
    {"AADSTS900432", false, "the application is in another cloud: check cloud"},
    {"AADSTS500011", false,
     "the tenant has no Office 365 Management APIs service: check cloud, audience and licences"},
    {"AADSTS70011", false, "the scope is wrong: check cloud and audience"},
    {"AADSTS53003", false,
     "a conditional access policy blocks the application: allow this machine's outbound address"},
    {"AADSTS50196", true, ""},
    {"AADSTS90006", true, ""},
    {"AADSTS90033", true, ""},
    {"AADSTS90055", true, ""},
};

// Returns the first line without the trace ids, which differ in every response and do not help an
// operator.
std::string FirstLine(std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  return OneLine(text.substr(0, text.find(" Trace ID:")));
}

// Removes the secret, in case the endpoint returns it in an error message.
std::string Redact(std::string text, const TenantConfig& tenant) {
  const std::string_view secret = tenant.client_secret.Reveal();
  if (secret.empty()) return text;
  const std::string encoded = PercentEncode(secret);
  return absl::StrReplaceAll(text, {{ToAbsl(secret), "[secret]"}, {encoded, "[secret]"}});
}

absl::Status TokenError(const TenantConfig& tenant, const HttpResponse& response) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view error;
  std::string_view description;
  if (parser.parse(simdjson::padded_string(response.body)).get(root) == simdjson::SUCCESS) {
    if (root["error"].get(error) != simdjson::SUCCESS) error = "";
    if (root["error_description"].get(description) != simdjson::SUCCESS) description = "";
  }
  const std::string where = absl::StrCat("token of tenant ", tenant.tenant_id, ": HTTP ",
                                         response.status, " from ", EndpointsOf(tenant).login_url);
  if (error.empty()) {
    const std::string text = Redact(absl::StrCat(where, ": ", OneLine(response.body, 160)), tenant);
    if (response.status == 429) return absl::ResourceExhaustedError(text);
    return absl::UnavailableError(text);
  }
  bool transient =
      error == "temporarily_unavailable" || response.status >= 500 || response.status == 429;
  std::string_view hint;
  for (const EntraRow& row : kEntraRows) {
    // The colon distinguishes AADSTS90002 from AADSTS900023.
    if (description.find(absl::StrCat(ToAbsl(row.code), ":")) == std::string_view::npos) continue;
    hint = row.hint;
    transient |= row.transient;
    break;
  }
  if (hint.empty() && error == "invalid_client") {
    hint = "check client_id and the secret in client_secret_file";
  }
  std::string text =
      Redact(absl::StrCat(where, ": ", OneLine(error, 60), ": ", FirstLine(description)), tenant);
  if (!hint.empty()) absl::StrAppend(&text, " — ", ToAbsl(hint));
  return transient ? absl::UnavailableError(text) : absl::PermissionDeniedError(text);
}

// Returns the lifetime of the token. A v1 endpoint returns the lifetime as a string, and a v2
// endpoint returns a number.
int64_t LifetimeSeconds(simdjson::dom::element root) {
  int64_t seconds = 0;
  if (root["expires_in"].get(seconds) == simdjson::SUCCESS) return seconds;
  std::string_view text;
  if (root["expires_in"].get(text) == simdjson::SUCCESS &&
      absl::SimpleAtoi(ToAbsl(text), &seconds)) {
    return seconds;
  }
  return 300;
}

}  // namespace

HttpRequest TokenRequest(const TenantConfig& tenant, absl::Duration timeout) {
  const Endpoints endpoints = EndpointsOf(tenant);
  HttpRequest request;
  request.method = HttpRequest::Method::kPost;
  request.url = absl::StrCat(endpoints.login_url, "/", tenant.tenant_id, "/oauth2/v2.0/token");
  request.form = Secret(
      absl::StrCat("grant_type=client_credentials&client_id=", PercentEncode(tenant.client_id),
                   "&client_secret=", PercentEncode(tenant.client_secret.Reveal()),
                   "&scope=", PercentEncode(absl::StrCat(endpoints.audience, "/.default"))));
  request.timeout = timeout;
  request.longest_body = 1 << 20;
  return request;
}

absl::StatusOr<AccessToken> ParseTokenResponse(const TenantConfig& tenant,
                                               const HttpResponse& response, absl::Duration now) {
  if (!response.error.ok()) {
    return absl::Status(response.error.code(), absl::StrCat("token of tenant ", tenant.tenant_id,
                                                            ": ", response.error.message()));
  }
  if (response.status != 200) return TokenError(tenant, response);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view bearer;
  if (parser.parse(simdjson::padded_string(response.body)).get(root) != simdjson::SUCCESS ||
      root["access_token"].get(bearer) != simdjson::SUCCESS || bearer.empty()) {
    return absl::UnavailableError(absl::StrCat("token of tenant ", tenant.tenant_id, ": ",
                                               EndpointsOf(tenant).login_url,
                                               " returned no access_token"));
  }
  for (const unsigned char c : bearer) {
    if (c <= 0x20 || c >= 0x7f) {
      return absl::UnavailableError(
          absl::StrCat("token of tenant ", tenant.tenant_id, ": the access_token is malformed"));
    }
  }
  const absl::Duration lifetime = absl::Seconds(std::max<int64_t>(LifetimeSeconds(root), 1));
  AccessToken token;
  token.bearer = Secret(std::string(bearer));
  token.refresh_at = now + lifetime * 0.8;
  token.expires_at = now + lifetime;
  return token;
}

TokenState::TokenState()
    : transient_backoff_(absl::Seconds(1), absl::Minutes(2)),
      operator_backoff_(absl::Seconds(30), absl::Minutes(15)) {}

const AccessToken* TokenState::Usable(absl::Duration now) const {
  return token_.has_value() && now < token_->expires_at ? &*token_ : nullptr;
}

bool TokenState::Due(absl::Duration now) const {
  if (requested_ || now < not_before_) return false;
  return !token_.has_value() || now >= token_->refresh_at;
}

absl::Status TokenState::OnAnswer(absl::StatusOr<AccessToken> answer, absl::Duration now) {
  requested_ = false;
  if (answer.ok()) {
    token_ = *std::move(answer);
    token_->generation = ++generation_;
    transient_backoff_.Reset();
    operator_backoff_.Reset();
    return absl::OkStatus();
  }
  const bool operator_must_act = answer.status().code() == absl::StatusCode::kPermissionDenied;
  not_before_ = now + (operator_must_act ? operator_backoff_ : transient_backoff_).Next();
  return answer.status();
}

bool TokenState::OnRefused(int generation, absl::Duration now) {
  // Several requests may use the same token. Only the first rejection of a token counts.
  if (generation != generation_ || !token_.has_value()) return true;
  token_.reset();
  if (++consecutive_refusals_ < 2) return true;
  not_before_ = std::max(not_before_, now + operator_backoff_.Next());
  return false;
}

}  // namespace picket::m365
