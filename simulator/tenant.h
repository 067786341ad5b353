#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace picket::simulator {

inline constexpr std::string_view kEntra = "Audit.AzureActiveDirectory";
inline constexpr std::string_view kExchange = "Audit.Exchange";
inline constexpr std::string_view kSharePoint = "Audit.SharePoint";
inline constexpr std::string_view kGeneral = "Audit.General";
inline constexpr std::string_view kDlp = "DLP.All";
inline constexpr std::array<std::string_view, 5> kAllContentTypes = {kEntra, kExchange, kSharePoint,
                                                                     kGeneral, kDlp};

// One customer of the simulated cloud, and the application that may read its audit log.
struct Tenant {
  std::string id;      // GUID, lower case
  std::string name;    // "Northwind Analytics"
  std::string domain;  // "northwind.example"; the token endpoint accepts it instead of the id
  std::string client_id;
  std::string client_secret;
  // The types that a collector is configured to read. Every type of kAllContentTypes can be
  // subscribed.
  std::vector<std::string> content_types = {std::string(kEntra), std::string(kExchange),
                                            std::string(kSharePoint), std::string(kGeneral)};
  // Application roles in its tokens. Empty: an administrator never consented.
  std::vector<std::string> roles = {"ActivityFeed.Read"};
  bool secret_expired = false;
  bool app_installed = true;  // false: the tenant does not know the application
  bool auditing_on = true;    // false: unified auditing is turned off
};

// Null if no tenant has this id or domain.
const Tenant* FindTenant(const std::vector<Tenant>& tenants, std::string_view id_or_domain);

// Returns `count` tenants with invented names, ids and secrets. The same seed gives the same
// tenants.
std::vector<Tenant> InventTenants(int count, uint64_t seed);

}  // namespace picket::simulator
