#pragma once

// Combines tenants' settings with the rules.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/strings.h"
#include "detector/tenant_overlay.h"
#include "detector/tenant_rules.h"

namespace picket::detector {

// Builds each tenant's view of the rules (tenant_rules.h). Tenants with equal settings share one
// view, and equal conditions are compiled only once.
// Threads: Use each instance from one thread. Lifetime: Each rule watch has one binder. The binder
// holds weak pointers, so views that are no longer used are freed.
class TenantBinder {
 public:
  explicit TenantBinder(FieldResolver resolve) : resolve_(std::move(resolve)) {}

  // Sets the rules for subsequent calls of Bind.
  void Use(std::shared_ptr<const RulePack> pack);

  // Returns the view of a tenant. `overlay` contains the tenant's settings, and `defaults` contains
  // the settings for every tenant. Either may be null. Settings that do not fit the rules, such as
  // the id of an unknown rule, are left out and reported in `faults`.
  std::shared_ptr<const TenantRules> Bind(const TenantOverlay* overlay,
                                          const TenantOverlay* defaults,
                                          std::vector<sigma::RuleFault>& faults);

  // Forgets views and conditions that are no longer in use.
  void Sweep();

  // Returns how often conditions have been compiled so far.
  size_t conditions_compiled() const { return conditions_compiled_; }

 private:
  std::shared_ptr<const RuleSet> Conditions(const std::string& key,
                                            std::vector<sigma::SigmaDocument> documents,
                                            std::vector<sigma::RuleFault>& faults);

  FieldResolver resolve_;
  std::shared_ptr<const RulePack> pack_;
  StringMap<std::weak_ptr<const TenantRules>> views_;
  StringMap<std::weak_ptr<const RuleSet>> conditions_;
  size_t conditions_compiled_ = 0;
};

}  // namespace picket::detector
