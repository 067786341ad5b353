#include "detector/active_rules.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace picket::detector {

std::shared_ptr<const ActiveRules> ForEveryTenant(std::shared_ptr<const BaseRules> base) {
  auto active = std::make_shared<ActiveRules>();
  active->base = std::move(base);
  active->others = std::make_shared<const TenantRules>();
  return active;
}

std::vector<std::string> RulesWithoutList(const ActiveRules& active) {
  struct Concerned {
    size_t tenants = 0;
    bool others = false;
  };
  std::map<TenantRules::WithoutList, Concerned> all;
  for (const auto& each : active.others->without_list) all[each].others = true;
  for (const auto& [tenant, view] : active.tenants) {
    for (const auto& each : view->without_list) ++all[each].tenants;
  }
  std::vector<std::string> lines;
  for (const auto& [what, concerned] : all) {
    lines.push_back(absl::StrCat(what.rule, ": no list '", what.list, "': off for ",
                                 concerned.tenants, " of ", active.tenants.size(),
                                 " tenants with settings",
                                 concerned.others ? " and for all without" : ""));
  }
  return lines;
}

}  // namespace picket::detector
