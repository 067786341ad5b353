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
  std::shared_ptr<const TenantRules> without_settings;    // for tenants without settings
  StringMap<std::shared_ptr<const TenantRules>> tenants;  // indexed by tenant id in lower case

  const RuleSet& rules() const { return *pack->set; }
  const TenantRules& Of(std::string_view tenant) const {
    const auto found = tenants.find(tenant);
    return found == tenants.end() ? *without_settings : *found->second;
  }
};

// Returns active rules in which no tenant has settings.
std::shared_ptr<const ActiveRules> ForEveryTenant(std::shared_ptr<const RulePack> pack);

// A placeholder in a rule or a filter refers to a list that each tenant defines
// (sigma/placeholders.h). Returns one line for each rule or filter and each of its lists that some
// tenants do not define. The line gives the number of these tenants.
std::vector<std::string> RulesWithoutList(const ActiveRules& active);

}  // namespace picket::detector
