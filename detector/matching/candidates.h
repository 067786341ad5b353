#pragma once

// From the values of an event to the rules that it may match.

#include <algorithm>
#include <vector>

#include "absl/functional/function_ref.h"
#include "detector/matching/compiled_rules.h"
#include "detector/matching/event_values.h"
#include "detector/matching/value_cache.h"

namespace picket::detector {

// Threads: one. Lifetime: reused from event to event.
class CandidateFinder {
 public:
  // `remembers`: what values led to is kept from event to event.
  CandidateFinder(size_t root_count, bool remembers) : remembers_(remembers), seen_(root_count) {}

  // Whether a root cannot match any event in which this value is the only one of the field; false when that depends on
  // other fields.
  using RulesOut = absl::FunctionRef<bool(uint32_t root, FieldId field, uint32_t value)>;

  // Roots of the index of which the event has a witness, and those that need none; each once. What is remembered of a
  // value leaves out those that it rules out. Valid until the next call.
  const std::vector<uint32_t>& Find(const RuleIndex& index, EventValues& values,
                                    RulesOut rules_out);
  // Before an index that was looked in is destroyed.
  void Forget() { memory_.Clear(); }

 private:
  void Add(RuleIndex::Candidates roots) {
    for (const uint32_t root : roots) {
      if (seen_[root] == epoch_) continue;
      seen_[root] = epoch_;
      candidates_.push_back(root);
    }
  }
  bool IsSeen(RuleIndex::Candidates roots) const {
    return std::all_of(roots.begin(), roots.end(),
                       [this](uint32_t root) { return seen_[root] == epoch_; });
  }
  void FindKeywords(const RuleIndex& index, const RuleIndex::Field& keywords, EventValues& values,
                    RulesOut rules_out);
  void LookUp(const RuleIndex& index, const RuleIndex::Field& field, EventValues& values,
              uint32_t value, bool is_alone, FieldId id, RulesOut rules_out);

  const bool remembers_;
  ValueMemory memory_;
  std::vector<uint32_t> found_;  // literals of the value that is looked up
  std::vector<uint32_t> kept_;   // the roots that it leads to
  uint32_t epoch_ = 0;
  std::vector<uint32_t> seen_;  // by root: the epoch it was added in
  std::vector<uint32_t> candidates_;
};

}  // namespace picket::detector
