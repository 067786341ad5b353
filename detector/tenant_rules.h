#pragma once

// What a tenant's settings make of the rules: some are off, some are narrowed by filters, some raise no alert until a day.
//
// The rules themselves are compiled once for all tenants. What a tenant adds is asked only of events that a rule has
// matched, so a tenant without settings costs nothing and one with settings costs a second look at few events.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detector/matching/rule_set.h"
#include "detector/rule_pack.h"
#include "model/tenant_settings.h"

namespace picket::detector {

inline constexpr uint32_t kNoCondition = UINT32_MAX;

// A suppression as it is written, and the selection that narrows it.
struct ReadSuppression {
  Suppression written;
  int line = 0;
  int64_t until_ms = 0;  // the first instant at which it no longer holds
  std::shared_ptr<const sigma::SigmaDocument> where;  // null: every match
};

// The settings of one tenant, read: everything that can be said without knowing the rules has been checked.
struct TenantOverlay {
  TenantSettings settings;
  std::vector<sigma::SigmaDocument> filters;
  std::vector<ReadSuppression> suppressions;
  std::vector<int> disable_lines, enable_lines;  // by selector
  std::string content;  // 16 hex digits; equal settings, equal digits, whoever's they are
};

// `text` is that of `settings.file`, for the lines of faults. False when anything is wrong; all of it is in `faults`.
bool ReadTenantOverlay(TenantSettings settings, std::string_view text, TenantOverlay* overlay,
                       std::vector<sigma::RuleFault>& faults);

// One tenant's view of the rules. Immutable once bound. Threads: any. Lifetime: shared_ptr<const TenantRules>, of one
// BaseRules; tenants with the same settings share it.
struct TenantRules {
  struct Filter {
    std::vector<uint32_t> rules;  // detection rules, ascending
    uint32_t condition;           // index in `conditions`: the rule holds only where this does
  };
  struct SuppressionUse {
    std::vector<RuleNumber> rules;  // ascending
    int64_t until_ms;
    uint32_t condition;  // index in `conditions`, or kNoCondition
  };

  std::string version;    // 16 hex digits over the settings; empty where there are none
  std::vector<bool> off;  // by RuleNumber; empty: none is
  // Rules with placeholders whose lists there are: the condition that takes the rule's place where the shared part holds.
  absl::flat_hash_map<uint32_t, uint32_t> exact;
  // Rules with placeholders whose lists there are not, and so are off; filters likewise, which are left out.
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
      conditions;  // null where nothing has any; shared by equal settings

  bool IsOff(RuleNumber rule) const { return !off.empty() && off[rule]; }
  // Events pass as the rules match them.
  bool ChangesNoMatch() const { return off.empty() && exact.empty() && filters.empty(); }
  // kNoCondition where the rule is as it is shared.
  uint32_t ExactOf(uint32_t rule) const {
    if (exact.empty()) return kNoCondition;
    const auto found = exact.find(rule);
    return found == exact.end() ? kNoCondition : found->second;
  }
};

// Joins settings to rules. What is equal is compiled once: conditions by their text, views by settings.
// Threads: one. Lifetime: one a rule watch; remembers by weak_ptr, so that what is out of use is freed.
class TenantBinder {
 public:
  explicit TenantBinder(FieldResolver resolve) : resolve_(std::move(resolve)) {}

  // Views that are bound from now on are of these rules.
  void Use(std::shared_ptr<const BaseRules> base);

  // `overlay` may be null (a tenant without settings), as may `defaults`, which hold for every tenant. What cannot be
  // used with the rules as they are (the id of a rule that is not there) is left out and reported.
  std::shared_ptr<const TenantRules> Bind(const TenantOverlay* overlay,
                                          const TenantOverlay* defaults,
                                          std::vector<sigma::RuleFault>& faults);

  // Forgets what nobody holds any more.
  void Sweep();

  // How often conditions were compiled, over the whole life.
  size_t conditions_compiled() const { return conditions_compiled_; }

 private:
  std::shared_ptr<const RuleSet> Conditions(const std::string& key,
                                            std::vector<sigma::SigmaDocument> documents,
                                            std::vector<sigma::RuleFault>& faults);

  FieldResolver resolve_;
  std::shared_ptr<const BaseRules> base_;
  StringMap<std::weak_ptr<const TenantRules>> views_;
  StringMap<std::weak_ptr<const RuleSet>> conditions_;
  size_t conditions_compiled_ = 0;
};

}  // namespace picket::detector
