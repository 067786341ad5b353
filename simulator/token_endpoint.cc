// The token endpoint of the simulated cloud: what it refuses, and with which AADSTS code.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "simulator/cloud.h"

namespace picket::simulator {

HttpResponse Cloud::RefuseToken(int status, std::string_view error, int code,
                                std::string_view message, absl::Time now) {
  Count(RequestKind::kToken, absl::StrCat("AADSTS", code));
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
  return JsonAnswer(status, std::move(body));
}

HttpResponse Cloud::HandleToken(const HttpRequest& request, std::string_view tenant_name, bool v2,
                                absl::Time now) {
  if (request.method != "POST") {
    return RefuseToken(400, "invalid_request", 900561, "The endpoint only accepts POST requests.",
                       now);
  }
  const Tenant* const tenant = FindTenant(tenant_name);
  if (tenant == nullptr) {
    return RefuseToken(
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
  // The credentials may come as basic authentication instead.
  if (absl::StartsWithIgnoreCase(request.authorization, "Basic ")) {
    const std::optional<std::string> pair = Base64Decode(request.authorization.substr(6));
    const size_t colon = pair.has_value() ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      client_id = PercentDecode(pair->substr(0, colon));
      client_secret = PercentDecode(pair->substr(colon + 1));
    }
  }
  if (value("grant_type").empty()) {
    return RefuseToken(400, "invalid_request", 900144,
                       "The request body must contain the parameter 'grant_type'.", now);
  }
  if (value("grant_type") != "client_credentials") {
    return RefuseToken(400, "unsupported_grant_type", 70003,
                       absl::StrCat("The grant type '", value("grant_type"), "' is unsupported."),
                       now);
  }
  if (client_id.empty()) {
    return RefuseToken(400, "invalid_request", 900144,
                       "The request body must contain the parameter 'client_id'.", now);
  }
  if (!EqualsIgnoreCase(client_id, tenant->client_id) || !tenant->app_installed) {
    return RefuseToken(400, "unauthorized_client", 700016,
                       absl::StrCat("Application with identifier '", client_id,
                                    "' was not found in the directory '", tenant->name,
                                    "'. It may not be installed there, or no user consented."),
                       now);
  }
  if (!value("client_assertion").empty()) {
    return RefuseToken(401, "invalid_client", 700027,
                       "The certificate that signed the client assertion is not registered.", now);
  }
  if (client_secret.empty()) {
    return RefuseToken(
        401, "invalid_client", 7000218,
        "The request body must contain the parameter 'client_assertion' or 'client_secret'.", now);
  }
  if (client_secret != tenant->client_secret) {
    return RefuseToken(401, "invalid_client", 7000215,
                       absl::StrCat("Invalid client secret provided. Send the secret's value, not "
                                    "its ID, for the app '",
                                    client_id, "'."),
                       now);
  }
  if (tenant->secret_expired) {
    return RefuseToken(
        401, "invalid_client", 7000222,
        absl::StrCat("The client secret keys of the app '", client_id, "' are expired."), now);
  }

  std::string audience = value(v2 ? "scope" : "resource");
  if (v2 && !value("resource").empty()) {
    return RefuseToken(400, "invalid_request", 901002,
                       "The 'resource' request parameter is not supported.", now);
  }
  if (audience.empty()) {
    return RefuseToken(400, "invalid_request", 900144,
                       absl::StrCat("The request body must contain the parameter '",
                                    v2 ? "scope" : "resource", "'."),
                       now);
  }
  if (v2) {
    constexpr std::string_view kDefault = "/.default";
    if (!absl::EndsWith(audience, ToAbsl(kDefault))) {
      return RefuseToken(
          400, "invalid_scope", 70011,
          absl::StrCat("The scope '", audience, "' is not valid; it must end in /.default."), now);
    }
    audience.resize(audience.size() - kDefault.size());
  }
  while (!audience.empty() && audience.back() == '/') audience.pop_back();
  if (audience != request.origin && audience != "https://manage.office.com" &&
      audience != "https://manage-gcc.office.com") {
    return RefuseToken(400, "invalid_resource", 500011,
                       absl::StrCat("The resource principal named ", audience,
                                    " was not found in the tenant '", tenant->name, "'."),
                       now);
  }

  AccessToken token;
  token.tenant = tenant->id;
  token.client_id = tenant->client_id;
  token.audience = audience;
  token.roles = tenant->roles;
  token.expires = now + options_.token_lifetime;
  const std::string text = issuer_.Issue(token, now);
  const int64_t seconds = absl::ToInt64Seconds(options_.token_lifetime);

  Count(RequestKind::kToken, "ok");
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
  return JsonAnswer(200, std::move(body));
}

}  // namespace picket::simulator
