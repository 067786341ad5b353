#pragma once

// One tenant's view of the rules. Some rules may be off, others may be narrowed by filters, and
// others may raise no alert until a given day.
//
// The rules themselves are compiled once for all tenants. The conditions of a tenant, which come
// from its lists, filters and suppressions, are evaluated only on events that match a rule. Few
// events match a rule, so settings cost little time.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detector/matching/rule_set.h"
#include "detector/rule_pack.h"

namespace picket::detector {

inline constexpr uint32_t kNoCondition = UINT32_MAX;

// Immutable once built.
// Threads: Any thread may use a view. Lifetime: The view is held by shared_ptr<const TenantRules>
// and belongs to one RulePack; tenants with the same settings share the view.
struct TenantRules {
  struct Filter {
    std::vector<uint32_t> rules;  // detection rules, ascending
    uint32_t condition;           // index in `conditions` of what an event must also fulfil
  };
  struct SuppressionUse {
    std::vector<RuleNumber> rules;  // ascending
    int64_t until_ms;
    uint32_t condition;  // index in `conditions`, or kNoCondition
  };

  std::string version;    // hash of the settings as 16 hex digits; empty if there are no settings
  std::vector<bool> off;  // indexed by RuleNumber; empty if no rule is off
  // Maps each rule with placeholders (RulePack::Template) to the index in `conditions` of the
  // rule's whole condition with the tenant's lists. RulePack::set contains only a part of such a
  // rule. An event that matches the part must also fulfil the whole condition.
  absl::flat_hash_map<uint32_t, uint32_t> exact;
  // A rule or filter with a placeholder whose list is missing or empty. Such a rule is off, and
  // such a filter has no effect.
  struct WithoutList {
    std::string rule;  // the id of the rule or the title of the filter
    std::string list;
    // clang-tidy 14 reports a 0 in the generated operator. NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const WithoutList&, const WithoutList&) = default;
  };
  std::vector<WithoutList> without_list;
  std::vector<Filter> filters;
  std::vector<SuppressionUse> suppressions;
  // Null if there are no conditions. Views with equal conditions share one set.
  std::shared_ptr<const RuleSet> conditions;

  bool IsOff(RuleNumber rule) const { return !off.empty() && off[rule]; }
  // Returns true if the settings remove no matches. The settings may still suppress alerts.
  bool ChangesNoMatch() const { return off.empty() && exact.empty() && filters.empty(); }
  // Returns the rule's entry in `exact`, or kNoCondition if there is none.
  uint32_t ExactOf(uint32_t rule) const {
    if (exact.empty()) return kNoCondition;
    const auto found = exact.find(rule);
    return found == exact.end() ? kNoCondition : found->second;
  }
};

}  // namespace picket::detector
