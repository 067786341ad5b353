#pragma once

// Looks up the values of an event to find the rules that the event may match. See compiled_rules.h
// for the terms "root" and "witness".

#include <algorithm>
#include <vector>

#include "absl/functional/function_ref.h"
#include "detector/matching/event_values.h"
#include "detector/matching/rule_index.h"
#include "detector/matching/value_cache.h"

namespace picket::detector {

// Finds candidates for one event at a time.
// Threads: Use each instance from one thread. Lifetime: The finder is reused from event to event.
class CandidateFinder {
 public:
  // If `caches` is true, the results for a value are cached across events.
  CandidateFinder(size_t root_count, bool caches) : caches_(caches), seen_(root_count) {}

  // A function that returns true if the root cannot match any event in which `value` is the only
  // value of the field. It returns false if the verdict depends on other fields.
  using RulesOut = absl::FunctionRef<bool(uint32_t root, FieldId field, uint32_t value)>;

  // Returns the roots of the index that have no witness, and the roots for which the event contains
  // an atom of the witness. Each root is returned once. Before the result for a value is cached,
  // the roots that `rules_out` excludes are removed. The returned list is valid until the next
  // call.
  const std::vector<uint32_t>& Find(const RuleIndex& index, EventValues& values,
                                    RulesOut rules_out);
  // Clears the cache. Call this function before an index that was passed to Find is destroyed.
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
  std::vector<uint32_t> found_;   // literals found in the current value
  std::vector<uint32_t> cached_;  // roots to cache for the current value
  uint32_t epoch_ = 0;            // number of the current event
  std::vector<uint32_t> seen_;    // for each root, the number of the event that last added the root
  std::vector<uint32_t> candidates_;
};

}  // namespace picket::detector
