#pragma once

// The configuration of the tenants, with one YAML file per tenant.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "m365/secret.h"
#include "model/tenant_settings.h"

namespace picket::m365 {

struct TenantConfig {
  std::string file;       // path of the tenant's file; set by LoadTenants
  std::string tenant_id;  // converted to lower case by LoadTenants
  std::string name;
  std::string cloud = "commercial";
  std::string client_id;
  std::string client_secret_file;
  std::vector<std::string> content_types = {"Audit.AzureActiveDirectory", "Audit.Exchange",
                                            "Audit.SharePoint", "Audit.General"};
  std::string publisher_id;  // defaults to fetcher.publisher_id, then to the tenant id
  std::string audience;      // defaults to the API's host
  std::string login_url;     // used for cloud `custom` only
  std::string api_url;       // used for cloud `custom` only
  int64_t weight = 1;
  // The settings of the parser and of the detector. Both are validated when the file is read.
  TenantParserSettings parser;
  TenantDetectorSettings detector;

  Secret client_secret;  // the contents of client_secret_file
};
void Describe(ConfigVisitor& visitor, TenantConfig& tenant);

// Returns true if the secret and all settings that the fetcher uses are the same in both
// configurations.
bool IsCollectedAlike(const TenantConfig& a, const TenantConfig& b);

// The URLs of the hosts that serve a tenant. No URL ends in a slash.
struct Endpoints {
  std::string login_url;  // such as https://login.microsoftonline.com
  std::string api_url;    // such as https://manage.office.com
  std::string audience;   // audience of the token, such as https://manage.office.com
};
Endpoints EndpointsOf(const TenantConfig& tenant);

struct TenantFiles {
  std::vector<TenantConfig> tenants;  // tenants from the files without errors
  std::vector<std::string> faults;    // errors such as "tenants.d/contoso.yaml:3: client_id: …"
  std::vector<std::string> faulty;    // the paths of the files with errors
  bool is_readable = false;           // false if the folder cannot be read or has no tenant file
};

// Reads every *.yaml and *.yml file of the folder, in the order of the file names. An error in one
// file does not affect the other tenants.
TenantFiles LoadTenants(const std::string& dir);

// The changes after the tenants' files have been read again.
struct TenantChanges {
  std::vector<TenantConfig> tenants;  // the tenants to collect from now on
  std::vector<std::string> added;     // ids of tenants
  std::vector<std::string> removed;
  std::vector<std::string> changed;
};

// Compares the tenants in force with the tenants' files after they have been read again. A tenant
// whose file now has an error keeps its old settings. No tenant changes if the folder cannot be
// read or has no tenant file. One possible reason is a volume that is not mounted.
TenantChanges CompareTenants(const std::vector<TenantConfig>& in_force, TenantFiles files);

}  // namespace picket::m365
