#pragma once

// The compiled rules of a source, with the indexes that tenants' settings need.

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

// Identifies a detection rule or a correlation of a set. The detection rules have the lowest
// numbers; the numbers of the correlations follow.
using RuleNumber = uint32_t;

// A compiled set of rules and its indexes. A pack is immutable except for `matched`.
// Threads: Any thread may use a pack. Lifetime: The pack is held by shared_ptr<const RulePack>.
struct RulePack {
  std::shared_ptr<const RuleSet> set;
  // A hash of the content of the rules, as 16 hex digits. The hash does not depend on the files or
  // the order of the rules, so sources with the same rules have the same version.
  std::string version;

  // A rule with placeholders, which stand for lists that each tenant defines
  // (sigma/placeholders.h). `set` contains only the part of the rule that does not depend on the
  // lists.
  struct Template {
    uint32_t rule;
    sigma::SigmaDocument document;
    std::vector<std::string> lists;
  };
  std::vector<Template> templates;
  // Filters with placeholders. Such filters are not applied to `set`, because they depend on the
  // lists of each tenant.
  std::vector<sigma::SigmaDocument> filter_templates;

  std::vector<sigma::LogSource> logsources;   // indexed by detection rule
  StringMap<RuleNumber> by_id;                // includes correlations
  StringMap<std::vector<RuleNumber>> by_tag;  // tags in lower case; includes correlations
  std::vector<RuleNumber> by_level[5];        // indexed by Level; includes correlations
  // The rules that have an id, name, title or file name. File names are stored without folder and
  // extension.
  StringMap<std::vector<uint32_t>> detection_rules_named;
  StringMap<std::vector<RuleNumber>> rules_named;  // includes correlations

  size_t size() const { return set->rules().size() + set->correlations().size(); }
  const sigma::RuleInfo& info(RuleNumber rule) const {
    const size_t detections = set->rules().size();
    return rule < detections ? set->rules()[rule].info
                             : set->correlations()[rule - detections].info;
  }
  // Records that an event has matched a detection rule. All workers call this function. If the rule
  // is already marked, the function does not write, so that the workers do not contend for the
  // cache line.
  void MarkMatched(uint32_t rule) const {
    std::atomic<bool>& has_matched = matched[rule];
    if (!has_matched.load(std::memory_order_relaxed)) {
      has_matched.store(true, std::memory_order_relaxed);
    }
  }
  // Returns the ids of the detection rules that no event has matched.
  std::vector<std::string> NeverMatched() const;
  std::unique_ptr<std::atomic<bool>[]> matched;  // indexed by detection rule

  RuleNumber NumberOfCorrelation(uint32_t correlation) const {
    return static_cast<RuleNumber>(set->rules().size()) + correlation;
  }
};

// Compiles rules for audit events (RouteToAuditEvents). Rules with errors are left out and reported
// in `faults`.
std::shared_ptr<const RulePack> CompileRulePack(const std::vector<sigma::RuleFile>& files,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults);

// Returns a pack for a set that is already compiled.
std::shared_ptr<const RulePack> RulePackOf(std::shared_ptr<const RuleSet> set);

}  // namespace picket::detector
