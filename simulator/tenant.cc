#include "simulator/tenant.h"

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "simulator/random.h"

namespace picket::simulator {

const Tenant* FindTenant(const std::vector<Tenant>& tenants, std::string_view id_or_domain) {
  for (const Tenant& tenant : tenants) {
    if (EqualsIgnoreCase(tenant.id, id_or_domain) ||
        (!tenant.domain.empty() && EqualsIgnoreCase(tenant.domain, id_or_domain))) {
      return &tenant;
    }
  }
  return nullptr;
}

std::vector<Tenant> InventTenants(int count, uint64_t seed) {
  static constexpr std::array<std::string_view, 12> kFirst = {
      "Northgate", "Bluefield", "Harbour", "Linden", "Quarry", "Silverline",
      "Meadow",    "Castell",   "Orchard", "Beacon", "Ferry",  "Tidewater"};
  static constexpr std::array<std::string_view, 10> kSecond = {
      "Foods", "Logistics", "Clinics", "Engineering", "Textiles",
      "Legal", "Robotics",  "Housing", "Energy",      "Press"};
  Random random(SeedFor(seed, "tenants"));
  std::vector<Tenant> tenants;
  for (int i = 0; i < count; ++i) {
    const std::string_view first = kFirst[i % kFirst.size()];
    const std::string_view second = kSecond[(i / kFirst.size() + i) % kSecond.size()];
    Tenant tenant;
    tenant.id = random.Guid();
    tenant.name = absl::StrCat(ToAbsl(first), " ", ToAbsl(second));
    tenant.domain = LowerAscii(absl::StrCat(ToAbsl(first), ToAbsl(second)));
    // With many tenants, company names repeat. The number keeps the domains distinct.
    if (i >= 60) absl::StrAppend(&tenant.domain, i);
    tenant.domain += ".example";
    tenant.client_id = random.Guid();
    // Like a real secret, the secret contains characters that must be encoded in a form.
    tenant.client_secret =
        absl::StrCat(random.Hex(3), "8Q~", random.Hex(12), "+/=&", random.Hex(12));
    tenant.content_types.emplace_back(kDlp);
    tenant.roles.emplace_back("ActivityFeed.ReadDlp");
    tenants.push_back(std::move(tenant));
  }
  return tenants;
}

}  // namespace picket::simulator
