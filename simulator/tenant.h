#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/client_assertion.h"

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
  std::string id;    // GUID in lower case
  std::string name;  // "Northwind Analytics"
  // For example "northwind.example". The token endpoint accepts the id or the domain.
  std::string domain;
  std::string client_id;
  std::string client_secret;
  // The content types that a collector is configured to read. The cloud accepts subscriptions to
  // all types in kAllContentTypes.
  std::vector<std::string> content_types = {std::string(kEntra), std::string(kExchange),
                                            std::string(kSharePoint), std::string(kGeneral)};
  // The application roles in the tokens of the application. If empty, no administrator has
  // consented.
  std::vector<std::string> roles = {"ActivityFeed.Read"};
  // Further valid secrets, such as the old secret while an operator replaces it.
  std::vector<std::string> other_secrets;
  // The certificates and the federated credentials that are registered for the application.
  std::vector<TrustedKey> certificates;
  std::vector<FederatedCredential> federated;
  bool secret_expired = false;
  bool app_installed = true;  // whether the tenant knows the application
  bool auditing_on = true;    // whether unified auditing is turned on
};

// Returns the tenant with this id or domain, or null if there is no such tenant.
const Tenant* FindTenant(const std::vector<Tenant>& tenants, std::string_view id_or_domain);

// Returns `count` tenants with invented names, ids and secrets. The same seed gives the same
// tenants.
std::vector<Tenant> InventTenants(int count, uint64_t seed);

}  // namespace picket::simulator
