#pragma once

// Whom to collect from: one YAML file a tenant.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "m365/secret.h"
#include "model/tenant_settings.h"

namespace picket::m365 {

struct TenantConfig {
  std::string tenant_id;  // lower case after LoadTenants
  std::string name;
  std::string cloud = "commercial";
  std::string client_id;
  std::string client_secret_file;
  std::vector<std::string> content_types = {"Audit.AzureActiveDirectory", "Audit.Exchange",
                                            "Audit.SharePoint", "Audit.General"};
  std::string publisher_id;  // empty: the fetcher's, else the tenant's own id
  std::string audience;      // empty: the API host
  std::string login_url;     // cloud `custom` only
  std::string api_url;       // cloud `custom` only
  int64_t weight = 1;
  // Read by the parser and the detector; checked here too.
  TenantParserSettings parser;
  TenantDetectorSettings detector;

  Secret client_secret;  // what client_secret_file holds
};
void Describe(ConfigVisitor& visitor, TenantConfig& tenant);

// Where a tenant's requests go; no slash at the end of a URL.
struct Endpoints {
  std::string login_url;  // https://login.microsoftonline.com
  std::string api_url;    // https://manage.office.com
  std::string audience;   // of the token: https://manage.office.com
};
Endpoints EndpointsOf(const TenantConfig& tenant);

struct TenantFiles {
  std::vector<TenantConfig> tenants;  // those whose file has no fault
  std::vector<std::string> faults;    // "tenants.d/contoso.yaml:3: client_id: …"
};

// Every *.yaml and *.yml of the folder, in the order of their names. A fault of one file takes nothing from the others.
TenantFiles LoadTenants(const std::string& dir);

// What is wrong with a secret as it stands in its file, or nothing: empty, quoted, or the secret's ID in its place.
std::string SecretFault(std::string_view secret);

}  // namespace picket::m365
