#include "m365/tenant_config.h"

#include <algorithm>
#include <map>

#include "common/file.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "m365/url.h"

namespace picket::m365 {
namespace {

struct Cloud {
  std::string_view name;
  std::string_view login_url;
  std::string_view api_url;
};

constexpr Cloud kClouds[] = {
    {"commercial", "https://login.microsoftonline.com", "https://manage.office.com"},
    {"gcc", "https://login.microsoftonline.com", "https://manage-gcc.office.com"},
    {"gcc_high", "https://login.microsoftonline.us", "https://manage.office365.us"},
    {"dod", "https://login.microsoftonline.us", "https://manage.protection.apps.mil"},
    {"china", "https://login.partner.microsoftonline.cn", "https://manage.office365.cn"},
};

constexpr std::string_view kContentTypes[] = {"Audit.AzureActiveDirectory", "Audit.Exchange",
                                              "Audit.SharePoint", "Audit.General", "DLP.All"};

std::string MustBeGuid(const std::string& value) {
  return IsGuid(value) ? "" : "must be a GUID like 11111111-2222-3333-4444-555555555555";
}

std::string MustBeBaseUrl(const std::string& value) {
  const std::optional<Url> url = ParseUrl(value);
  if (!url.has_value() || !url->query.empty()) return "must be a URL like https://host:port";
  if (url->scheme == "https") return "";
  if (IsLoopback(url->host)) return "";
  return "must begin with https://; plain http would show the secret to the network and is taken "
         "for "
         "127.0.0.1 and localhost only";
}

std::string WithoutSlash(std::string text) {
  while (!text.empty() && text.back() == '/') text.pop_back();
  return text;
}

void ReadSecret(const std::string& path, TenantConfig& tenant, std::vector<std::string>& faults) {
  absl::StatusOr<std::string> text = ReadFile(tenant.client_secret_file);
  if (!text.ok()) {
    faults.push_back(absl::StrCat(path, ": client_secret_file: ", text.status().message()));
    return;
  }
  tenant.client_secret = Secret(std::string(TrimBlanks(*text)));
  if (const std::string fault = SecretFault(tenant.client_secret.Reveal()); !fault.empty()) {
    faults.push_back(
        absl::StrCat(path, ": client_secret_file: ", tenant.client_secret_file, " ", fault));
  }
}

}  // namespace

void Describe(ConfigVisitor& v, TenantConfig& t) {
  v.String("tenant_id", "The tenant's directory id, a GUID; a domain name does not do.",
           &t.tenant_id, kRequired, MustBeGuid);
  v.String("name", "Name for people; it is not sent anywhere.", &t.name);
  v.Choice("cloud", "The Microsoft cloud that the tenant lives in.", &t.cloud,
           {"commercial", "gcc", "gcc_high", "dod", "china", "custom"});
  v.String("client_id", "Application (client) id of the app registration.", &t.client_id, kRequired,
           MustBeGuid);
  v.FilePath("client_secret_file", "File that holds the value of the client secret.",
             &t.client_secret_file, kRequired);
  v.StringList("content_types", "What to collect.", &t.content_types,
               [](const std::string& value) -> std::string {
                 if (std::find(std::begin(kContentTypes), std::end(kContentTypes), value) !=
                     std::end(kContentTypes)) {
                   return "";
                 }
                 return "must be one of Audit.AzureActiveDirectory, Audit.Exchange, "
                        "Audit.SharePoint, Audit.General, DLP.All";
               });
  v.String("publisher_id", "GUID sent as PublisherIdentifier; empty: the fetcher's.",
           &t.publisher_id, kOptional, [](const std::string& value) -> std::string {
             return value.empty() ? "" : MustBeGuid(value);
           });
  v.String("audience", "Audience of the token where it is not the API's host.", &t.audience);
  v.String("login_url", "Token endpoint's host, for cloud `custom`.", &t.login_url, kOptional,
           MustBeBaseUrl);
  v.String("api_url", "Management Activity API's host, for cloud `custom`.", &t.api_url, kOptional,
           MustBeBaseUrl);
  v.Int("weight", "Share of the fetcher's capacity beside other tenants.", &t.weight, 1, 100);
  v.Section("parser", "What the parser does for this tenant.",
            [&](ConfigVisitor& section) { picket::Describe(section, t.parser); });
  v.Section("detector", "What the detector does for this tenant.",
            [&](ConfigVisitor& section) { picket::Describe(section, t.detector); });
}

Endpoints EndpointsOf(const TenantConfig& tenant) {
  Endpoints endpoints;
  endpoints.login_url = WithoutSlash(tenant.login_url);
  endpoints.api_url = WithoutSlash(tenant.api_url);
  for (const Cloud& cloud : kClouds) {
    if (cloud.name != tenant.cloud) continue;
    endpoints.login_url = cloud.login_url;
    endpoints.api_url = cloud.api_url;
  }
  endpoints.audience = tenant.audience.empty() ? endpoints.api_url : WithoutSlash(tenant.audience);
  return endpoints;
}

std::string SecretFault(std::string_view secret) {
  if (secret.empty()) return "is empty";
  if (IsGuid(secret)) {
    return "holds a GUID: that looks like the secret's ID; put the secret's value there";
  }
  const char first = secret.front();
  if (secret.size() > 1 && (first == '"' || first == '\'') && secret.back() == first) {
    return "has quotes around the secret; put the bare value there";
  }
  if (secret.find_first_of("\r\n") != std::string_view::npos) {
    return "has several lines; put the secret's value there and nothing else";
  }
  return "";
}

TenantFiles LoadTenants(const std::string& dir) {
  TenantFiles result;
  const std::vector<std::string> paths = TenantFilePaths(dir, result.faults);
  if (!result.faults.empty()) return result;
  if (paths.empty()) {
    result.faults.push_back(
        absl::StrCat("no tenant in ", dir, ": put one *.yaml file a tenant there"));
  }

  std::map<std::string, std::string> owners;  // tenant → its file
  for (const std::string& path : paths) {
    absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) {
      result.faults.emplace_back(text.status().message());
      continue;
    }
    TenantConfig tenant;
    std::vector<std::string> faults =
        ReadConfig(path, *text, [&tenant](ConfigVisitor& v) { Describe(v, tenant); });
    if (faults.empty()) {
      if (tenant.cloud == "custom") {
        if (tenant.login_url.empty()) {
          faults.push_back(absl::StrCat(path, ": login_url: needed with cloud: custom"));
        }
        if (tenant.api_url.empty()) {
          faults.push_back(absl::StrCat(path, ": api_url: needed with cloud: custom"));
        }
      } else if (!tenant.login_url.empty() || !tenant.api_url.empty()) {
        faults.push_back(absl::StrCat(path, ": login_url and api_url are for cloud: custom; cloud ",
                                      tenant.cloud, " has its own"));
      }
      if (tenant.content_types.empty()) {
        faults.push_back(absl::StrCat(path, ": content_types: names nothing to collect"));
      }
      std::sort(tenant.content_types.begin(), tenant.content_types.end());
      tenant.content_types.erase(
          std::unique(tenant.content_types.begin(), tenant.content_types.end()),
          tenant.content_types.end());
      tenant.tenant_id = LowerAscii(tenant.tenant_id);
      const auto [owner, is_new] = owners.emplace(tenant.tenant_id, path);
      if (!is_new) {
        faults.push_back(absl::StrCat(path, ": tenant_id: ", tenant.tenant_id,
                                      " is already collected by ", owner->second));
      }
      ReadSecret(path, tenant, faults);
    }
    if (faults.empty()) {
      result.tenants.push_back(std::move(tenant));
    } else {
      result.faults.insert(result.faults.end(), faults.begin(), faults.end());
    }
  }
  return result;
}

}  // namespace picket::m365
