#include "m365/tenant_config.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/file.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "m365/cloud.h"
#include "m365/url.h"

namespace picket::m365 {
namespace {

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
  return "must begin with https://; plain http would expose the secret and is accepted for "
         "127.0.0.1 and localhost only";
}

std::string WithoutSlash(std::string text) {
  while (!text.empty() && text.back() == '/') text.pop_back();
  return text;
}

void ReadSecret(const std::string& path, TenantConfig& tenant, std::vector<std::string>& faults) {
  absl::StatusOr<Secret> secret = ReadSecretFile(tenant.client_secret_file);
  if (secret.ok()) {
    tenant.client_secret = *std::move(secret);
  } else {
    faults.push_back(absl::StrCat(path, ": client_secret_file: ", secret.status().message()));
  }
}

std::vector<std::string> CloudNames() {
  std::vector<std::string> names;
  for (const Cloud& cloud : Clouds()) names.emplace_back(cloud.name);
  names.emplace_back("custom");
  return names;
}

}  // namespace

void Describe(ConfigVisitor& v, TenantConfig& t) {
  v.String("tenant_id", "The tenant's directory id, a GUID. A domain name is not accepted.",
           &t.tenant_id, kRequired, MustBeGuid);
  v.String("name", "A name for people to read; it is not sent anywhere.", &t.name);
  v.Choice("cloud", "The Microsoft cloud of the tenant.", &t.cloud, CloudNames());
  v.String("client_id", "Application (client) id of the app registration.", &t.client_id, kRequired,
           MustBeGuid);
  v.FilePath("client_secret_file", "File that contains the value of the client secret.",
             &t.client_secret_file, kRequired);
  v.StringList("content_types", "The content types to collect.", &t.content_types,
               [](const std::string& value) -> std::string {
                 if (std::find(std::begin(kContentTypes), std::end(kContentTypes), value) !=
                     std::end(kContentTypes)) {
                   return "";
                 }
                 return "must be one of Audit.AzureActiveDirectory, Audit.Exchange, "
                        "Audit.SharePoint, Audit.General, DLP.All";
               });
  v.String("publisher_id",
           "GUID sent as PublisherIdentifier. Empty: the value of fetcher.publisher_id.",
           &t.publisher_id, kOptional, [](const std::string& value) -> std::string {
             return value.empty() ? "" : MustBeGuid(value);
           });
  v.String("audience", "Audience of the token, if it is not the API's host.", &t.audience);
  v.String("login_url", "Host of the token endpoint, for cloud `custom`.", &t.login_url, kOptional,
           MustBeBaseUrl);
  v.String("api_url", "Host of the Management Activity API, for cloud `custom`.", &t.api_url,
           kOptional, MustBeBaseUrl);
  v.Int("weight", "Share of the fetcher's capacity relative to other tenants.", &t.weight, 1, 100);
  v.Section("parser", "Parser settings of this tenant.",
            [&](ConfigVisitor& section) { picket::Describe(section, t.parser); });
  v.Section("detector", "Detector settings of this tenant.",
            [&](ConfigVisitor& section) { picket::Describe(section, t.detector); });
}

Endpoints EndpointsOf(const TenantConfig& tenant) {
  Endpoints endpoints;
  endpoints.login_url = WithoutSlash(tenant.login_url);
  endpoints.api_url = WithoutSlash(tenant.api_url);
  if (const Cloud* const cloud = FindCloud(tenant.cloud)) {
    endpoints.login_url = cloud->login_url;
    endpoints.api_url = cloud->api_url;
  }
  endpoints.audience = tenant.audience.empty() ? endpoints.api_url : WithoutSlash(tenant.audience);
  return endpoints;
}

TenantFiles LoadTenants(const std::string& dir) {
  TenantFiles result;
  const std::vector<std::string> paths = TenantFilePaths(dir, result.faults);
  if (!result.faults.empty()) return result;
  if (paths.empty()) {
    result.faults.push_back(absl::StrCat("no tenant in ", dir, ": add one *.yaml file per tenant"));
  }
  result.is_readable = !paths.empty();

  std::map<std::string, std::string> owners;  // paths of tenant files, indexed by tenant id
  for (const std::string& path : paths) {
    absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) {
      result.faults.emplace_back(text.status().message());
      result.faulty.push_back(path);
      continue;
    }
    TenantConfig tenant;
    tenant.file = path;
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
                                      tenant.cloud, " has fixed hosts"));
      }
      if (tenant.content_types.empty()) {
        faults.push_back(absl::StrCat(path, ": content_types: the list is empty"));
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
      result.faulty.push_back(path);
    }
  }
  return result;
}

bool IsCollectedAlike(const TenantConfig& a, const TenantConfig& b) {
  return a.tenant_id == b.tenant_id && a.cloud == b.cloud && a.client_id == b.client_id &&
         a.client_secret_file == b.client_secret_file && a.content_types == b.content_types &&
         a.publisher_id == b.publisher_id && a.audience == b.audience &&
         a.login_url == b.login_url && a.api_url == b.api_url && a.weight == b.weight &&
         a.name == b.name && a.client_secret.Reveal() == b.client_secret.Reveal();
}

TenantChanges CompareTenants(const std::vector<TenantConfig>& in_force, TenantFiles files) {
  TenantChanges changes;
  if (!files.is_readable) {
    changes.tenants = in_force;
    return changes;
  }
  changes.tenants = std::move(files.tenants);
  std::map<std::string_view, const TenantConfig*> old_tenants;
  for (const TenantConfig& old : in_force) old_tenants[old.tenant_id] = &old;
  for (const TenantConfig& tenant : changes.tenants) {
    const auto old = old_tenants.find(tenant.tenant_id);
    if (old == old_tenants.end()) {
      changes.added.push_back(tenant.tenant_id);
      continue;
    }
    if (!IsCollectedAlike(*old->second, tenant)) changes.changed.push_back(tenant.tenant_id);
    old_tenants.erase(old);
  }
  const std::set<std::string_view> faulty(files.faulty.begin(), files.faulty.end());
  for (const auto& [id, old] : old_tenants) {
    if (faulty.contains(old->file)) {
      changes.tenants.push_back(*old);
    } else {
      changes.removed.push_back(old->tenant_id);
    }
  }
  return changes;
}

}  // namespace picket::m365
