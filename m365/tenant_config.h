#pragma once

// Which tenants to collect from, and how: one YAML file per tenant.

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
  std::string publisher_id;  // empty: the fetcher's setting or, if that is empty, the tenant id
  std::string audience;      // empty: the API host
  std::string login_url;     // only for cloud `custom`
  std::string api_url;       // only for cloud `custom`
  int64_t weight = 1;
  // Used by the parser and the detector; validated here as well.
  TenantParserSettings parser;
  TenantDetectorSettings detector;

  Secret client_secret;  // the contents of client_secret_file
};
void Describe(ConfigVisitor& visitor, TenantConfig& tenant);

// The hosts that serve a tenant. No URL ends in a slash.
struct Endpoints {
  std::string login_url;  // https://login.microsoftonline.com
  std::string api_url;    // https://manage.office.com
  std::string audience;   // of the token: https://manage.office.com
};
Endpoints EndpointsOf(const TenantConfig& tenant);

struct TenantFiles {
  std::vector<TenantConfig> tenants;  // from the files without a fault
  std::vector<std::string> faults;    // "tenants.d/contoso.yaml:3: client_id: …"
};

// Reads every *.yaml and *.yml file of the folder, in the order of their names. A fault in one file
// does not affect the other tenants.
TenantFiles LoadTenants(const std::string& dir);

}  // namespace picket::m365
