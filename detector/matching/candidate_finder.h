#pragma once

// Finds the rules that an event may match, from the values of the event.

#include <algorithm>
#include <vector>

#include "absl/functional/function_ref.h"
#include "detector/matching/event_values.h"
#include "detector/matching/rule_index.h"
#include "detector/matching/value_cache.h"

namespace picket::detector {

// Threads: one. Lifetime: reused from event to event.
class CandidateFinder {
 public:
  // `caches`: whether results for a value are cached across events.
  CandidateFinder(size_t root_count, bool caches) : caches_(caches), seen_(root_count) {}

  // Returns true if the root cannot match any event in which this value is the only value of the
  // field. Returns false if that depends on other fields.
  using RulesOut = absl::FunctionRef<bool(uint32_t root, FieldId field, uint32_t value)>;

  // Returns the roots of the index that need no witness or whose witness the event has, each once.
  // Cached results leave out roots that the value rules out. Valid until the next call.
  const std::vector<uint32_t>& Find(const RuleIndex& index, EventValues& values,
                                    RulesOut rules_out);
  // Call before an index that was passed to Find is destroyed.
  void ClearCache() { cache_.Clear(); }

 private:
  void Add(RuleIndex::Candidates roots) {
    for (const uint32_t root : roots) {
      if (seen_[root] == epoch_) continue;
      seen_[root] = epoch_;
      candidates_.push_back(root);
    }
  }
  bool AreAllSeen(RuleIndex::Candidates roots) const {
    return std::all_of(roots.begin(), roots.end(),
                       [this](uint32_t root) { return seen_[root] == epoch_; });
  }
  void FindKeywords(const RuleIndex& index, const RuleIndex::Field& keywords, EventValues& values,
                    RulesOut rules_out);
  void LookUp(const RuleIndex& index, const RuleIndex::Field& field, EventValues& values,
              uint32_t value, bool is_alone, FieldId id, RulesOut rules_out);

  const bool caches_;
  ValueCache cache_;
  std::vector<uint32_t> found_;   // the literals in the current value
  std::vector<uint32_t> cached_;  // the roots to be cached for it
  uint32_t epoch_ = 0;
  std::vector<uint32_t> seen_;  // by root: the epoch in which it was added
  std::vector<uint32_t> candidates_;
};

}  // namespace picket::detector
