#pragma once

// The compiled rules of a source, with everything that tenants' settings refer to.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/strings.h"
#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// The number of a rule or correlation of a set: detection rules come first, then correlations.
using RuleNumber = uint32_t;

// Immutable once compiled. Threads: any. Lifetime: shared_ptr<const RulePack>.
struct RulePack {
  std::shared_ptr<const RuleSet> set;
  // 16 hex digits over the content of the rules. Files and order do not matter: sources with the
  // same rules have the same version.
  std::string version;

  // Rules with placeholders. In `set` such a rule is reduced to the part that does not depend on
  // lists (WithoutPlaceholders).
  struct Template {
    uint32_t rule;
    sigma::SigmaDocument document;
    std::vector<std::string> lists;
  };
  std::vector<Template> templates;
  std::vector<sigma::SigmaDocument>
      filter_templates;  // filters with placeholders; they are not applied to `set`

  std::vector<sigma::LogSource> logsources;                // by detection rule
  StringMap<RuleNumber> by_id;                             // includes correlations
  StringMap<std::vector<RuleNumber>> by_tag;               // lower case; includes correlations
  std::vector<RuleNumber> by_level[5];                     // by Level; includes correlations
  StringMap<std::vector<uint32_t>> detection_rules_named;  // by id, name and title

  size_t size() const { return set->rules().size() + set->correlations().size(); }
  const sigma::RuleInfo& info(RuleNumber rule) const {
    const size_t detections = set->rules().size();
    return rule < detections ? set->rules()[rule].info
                             : set->correlations()[rule - detections].info;
  }
  // Records that an event has matched a detection rule. Called by all workers. The store is skipped
  // if the rule is already marked, so that workers do not contend for the cache line.
  void MarkMatched(uint32_t rule) const {
    std::atomic<bool>& has_matched = matched[rule];
    if (!has_matched.load(std::memory_order_relaxed)) {
      has_matched.store(true, std::memory_order_relaxed);
    }
  }
  std::vector<std::string> NeverMatched() const;  // ids of detection rules
  std::unique_ptr<std::atomic<bool>[]> matched;   // by detection rule

  RuleNumber NumberOfCorrelation(uint32_t correlation) const {
    return static_cast<RuleNumber>(set->rules().size()) + correlation;
  }
};

// Compiles rules for audit events (RouteToAuditEvents). Rules with faults are left out and
// reported.
std::shared_ptr<const RulePack> CompileRulePack(const std::vector<sigma::RuleFile>& files,
                                                 const FieldResolver& resolve,
                                                 std::vector<sigma::RuleFault>& faults);

// Wraps a set that is already compiled.
std::shared_ptr<const RulePack> RulePackOf(std::shared_ptr<const RuleSet> set);

}  // namespace picket::detector
