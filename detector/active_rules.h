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

// Immutable. Threads: shared by all workers without locks. Lifetime: shared_ptr<const ActiveRules>.
struct ActiveRules {
  std::shared_ptr<const RulePack> pack;
  std::shared_ptr<const TenantRules> without_settings;    // for tenants without settings
  StringMap<std::shared_ptr<const TenantRules>> tenants;  // by id, lower case

  const RuleSet& rules() const { return *pack->set; }
  const TenantRules& Of(std::string_view tenant) const {
    const auto found = tenants.find(tenant);
    return found == tenants.end() ? *without_settings : *found->second;
  }
};

// The same rules for every tenant.
std::shared_ptr<const ActiveRules> ForEveryTenant(std::shared_ptr<const RulePack> pack);

// Describes each rule or filter that is off because a placeholder has no list, with the number of
// tenants: one line each.
std::vector<std::string> RulesWithoutList(const ActiveRules& active);

}  // namespace picket::detector
