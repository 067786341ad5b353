#pragma once

// One tenant's view of the rules: some are off, some are narrowed by filters, some raise no alert
// until a given day.
//
// The rules themselves are compiled once for all tenants. The conditions of a tenant are evaluated
// only on events that match a rule, so a tenant without settings costs nothing, and a tenant with
// settings costs a second evaluation of few events.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detector/matching/rule_set.h"
#include "detector/rule_pack.h"

namespace picket::detector {

inline constexpr uint32_t kNoCondition = UINT32_MAX;

// Immutable once built. Threads: any. Lifetime: shared_ptr<const TenantRules>, for one RulePack;
// tenants with the same settings share it.
struct TenantRules {
  struct Filter {
    std::vector<uint32_t> rules;  // detection rules, ascending
    uint32_t condition;           // index in `conditions`: the rules match only if it holds too
  };
  struct SuppressionUse {
    std::vector<RuleNumber> rules;  // ascending
    int64_t until_ms;
    uint32_t condition;  // index in `conditions`, or kNoCondition
  };

  std::string version;    // 16 hex digits over the settings; empty if there are none
  std::vector<bool> off;  // by RuleNumber; empty: no rule is off
  // Rules with placeholders whose lists exist: once the shared part of the rule matches, this
  // condition decides.
  absl::flat_hash_map<uint32_t, uint32_t> exact;
  // Rules with placeholders whose lists do not exist, which are therefore off, and such filters,
  // which have no effect.
  struct WithoutList {
    std::string rule;  // id, or the title of the filter
    std::string list;
    // clang-tidy 14 sees a 0 in it. NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const WithoutList&, const WithoutList&) = default;
  };
  std::vector<WithoutList> without_list;
  std::vector<Filter> filters;
  std::vector<SuppressionUse> suppressions;
  std::shared_ptr<const RuleSet>
      conditions;  // null if nothing has a condition; shared between equal settings

  bool IsOff(RuleNumber rule) const { return !off.empty() && off[rule]; }
  // Returns true if the settings change no match (they may still suppress alerts).
  bool ChangesNoMatch() const { return off.empty() && exact.empty() && filters.empty(); }
  // Returns kNoCondition if the shared rule is the whole rule.
  uint32_t ExactOf(uint32_t rule) const {
    if (exact.empty()) return kNoCondition;
    const auto found = exact.find(rule);
    return found == exact.end() ? kNoCondition : found->second;
  }
};

}  // namespace picket::detector
