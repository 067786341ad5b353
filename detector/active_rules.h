#pragma once

// The rules in force: what every worker evaluates, until there are others.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "detector/rule_pack.h"
#include "detector/tenant_rules.h"

namespace picket::detector {

// Immutable. Threads: shared by all workers without locks. Lifetime: shared_ptr<const ActiveRules>.
struct ActiveRules {
  std::shared_ptr<const BaseRules> base;
  std::shared_ptr<const TenantRules> others;              // tenants without settings
  StringMap<std::shared_ptr<const TenantRules>> tenants;  // by id, lower case

  const RuleSet& rules() const { return *base->set; }
  const TenantRules& Of(std::string_view tenant) const {
    const auto found = tenants.find(tenant);
    return found == tenants.end() ? *others : *found->second;
  }
};

// The same rules for every tenant.
std::shared_ptr<const ActiveRules> ForEveryTenant(std::shared_ptr<const BaseRules> base);

// What is off because a placeholder has no list, one line each with how many tenants that concerns.
std::vector<std::string> RulesWithoutList(const ActiveRules& active);

// Where workers look between transactions whether other rules are in force.
// Threads: any. Lifetime: outlives the workers.
class RulesInForce {
 public:
  explicit RulesInForce(std::shared_ptr<const ActiveRules> rules = nullptr)
      : rules_(std::move(rules)) {}

  // Changes with every Set: one read of an atomic tells that nothing has changed.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  std::shared_ptr<const ActiveRules> Get() const {
    MutexLock lock(mu_);
    return rules_;
  }
  void Set(std::shared_ptr<const ActiveRules> rules) {
    MutexLock lock(mu_);
    rules_.swap(rules);  // the old ones are freed after the lock
    generation_.fetch_add(1, std::memory_order_release);
  }

 private:
  mutable Mutex mu_;
  std::shared_ptr<const ActiveRules> rules_ ABSL_GUARDED_BY(mu_);
  std::atomic<uint64_t> generation_ = 0;
};

}  // namespace picket::detector
