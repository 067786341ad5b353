#include "detector/active_rules.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace picket::detector {

std::shared_ptr<const ActiveRules> ForEveryTenant(std::shared_ptr<const RulePack> pack) {
  auto active = std::make_shared<ActiveRules>();
  active->pack = std::move(pack);
  active->without_settings = std::make_shared<const TenantRules>();
  return active;
}

std::vector<std::string> RulesWithoutList(const ActiveRules& active) {
  struct Affected {
    size_t tenants = 0;
    bool without_settings = false;
  };
  std::map<TenantRules::WithoutList, Affected> all;
  for (const auto& each : active.without_settings->without_list) all[each].without_settings = true;
  for (const auto& [tenant, view] : active.tenants) {
    for (const auto& each : view->without_list) ++all[each].tenants;
  }
  std::vector<std::string> lines;
  for (const auto& [what, affected] : all) {
    lines.push_back(absl::StrCat(what.rule, ": no list '", what.list, "': off for ",
                                 affected.tenants, " of ", active.tenants.size(),
                                 " tenants with settings",
                                 affected.without_settings ? " and for all without" : ""));
  }
  return lines;
}

}  // namespace picket::detector
