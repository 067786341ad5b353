#pragma once

// The rules of a source, compiled, with what the settings of tenants need to know of them.

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

// A rule or a correlation of a set by one number: detection rules first, then correlations.
using RuleNumber = uint32_t;

// Immutable once compiled. Threads: any. Lifetime: shared_ptr<const BaseRules>.
struct BaseRules {
  std::shared_ptr<const RuleSet> set;
  // 16 hex digits over all that the rules say, in whatever files and order: two sources of the same rules, one version.
  std::string version;

  // Rules with placeholders. In `set` they are what holds whatever the lists are (WithoutPlaceholders).
  struct Template {
    uint32_t rule;
    sigma::SigmaDocument document;
    std::vector<std::string> lists;
  };
  std::vector<Template> templates;
  std::vector<sigma::SigmaDocument>
      filter_templates;  // filters with placeholders; `set` is without them

  std::vector<sigma::LogSource> logsources;                 // by detection rule
  StringMap<RuleNumber> by_id;                              // with correlations
  StringMap<std::vector<RuleNumber>> by_tag;                // lower case, with correlations
  std::vector<RuleNumber> by_level[5];                      // by Level, with correlations
  StringMap<std::vector<uint32_t>> detection_rules_called;  // by id, name and title

  size_t size() const { return set->rules().size() + set->correlations().size(); }
  const sigma::RuleInfo& info(RuleNumber rule) const {
    const size_t detections = set->rules().size();
    return rule < detections ? set->rules()[rule].info
                             : set->correlations()[rule - detections].info;
  }
  // For coverage: workers mark the detection rules that events match.
  void MarkMatched(uint32_t rule) const {
    std::atomic<bool>& has_matched = matched[rule];
    if (!has_matched.load(std::memory_order_relaxed)) {
      has_matched.store(true, std::memory_order_relaxed);
    }
  }
  std::vector<std::string> NeverMatched() const;  // ids
  std::unique_ptr<std::atomic<bool>[]> matched;   // by detection rule

  RuleNumber NumberOfCorrelation(uint32_t correlation) const {
    return static_cast<RuleNumber>(set->rules().size()) + correlation;
  }
};

// Rules for audit events (RouteToAuditEvents); those with faults are left out and reported.
std::shared_ptr<const BaseRules> CompileBaseRules(const std::vector<sigma::RuleFile>& files,
                                                  const FieldResolver& resolve,
                                                  std::vector<sigma::RuleFault>& faults);

// A set that is compiled already.
std::shared_ptr<const BaseRules> BaseRulesOf(std::shared_ptr<const RuleSet> set);

}  // namespace picket::detector
