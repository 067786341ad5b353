#pragma once

// The rules that all workers evaluate, for all tenants.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/strings.h"
#include "detector/rule_pack.h"
#include "detector/tenant_rules.h"

namespace picket::detector {

// The rules in force, and each tenant's view of these rules (tenant_rules.h). Immutable.
// Threads: All workers share one object without locks. Lifetime: The object is held by
// shared_ptr<const ActiveRules>.
struct ActiveRules {
  std::shared_ptr<const RulePack> pack;
  std::shared_ptr<const TenantRules> without_settings;    // view of tenants without settings
  StringMap<std::shared_ptr<const TenantRules>> tenants;  // indexed by tenant id in lower case

  const RuleSet& rules() const { return *pack->set; }
  const TenantRules& Of(std::string_view tenant) const {
    const auto found = tenants.find(tenant);
    return found == tenants.end() ? *without_settings : *found->second;
  }
};

// Returns active rules in which no tenant has settings.
std::shared_ptr<const ActiveRules> ForEveryTenant(std::shared_ptr<const RulePack> pack);

// Returns one line for each rule or filter with a placeholder for which some tenant has no list
// (TenantRules::WithoutList). Each line gives the number of these tenants.
std::vector<std::string> RulesWithoutList(const ActiveRules& active);

}  // namespace picket::detector
