#pragma once

// Correlation rules prepared for the correlator: the hash that identifies the state of a rule, and
// its conditions split into those that events decide and those that event time decides.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

// Correlation rules with the hashes that identify their state.
struct Correlations {
  struct Entry {
    CorrelationRule rule;
    // 16 hex digits over the id and version of the rule and the versions of the rules that it
    // refers to. A rule with the same hash continues the same windows.
    std::string hash;
  };
  std::vector<Entry> entries;
};
Correlations MakeCorrelations(absl::Span<const CorrelationRule> correlations,
                              absl::Span<const DetectionRule> rules);

namespace correlation {

// A correlation as the correlator evaluates it.
struct Spec {
  CorrelationRule rule;
  std::string hash;
  uint64_t id = 0;  // the hash as a number
  uint32_t index = 0;
  int64_t span = 0;  // the timespan in milliseconds
  // True if all conditions are gte or gt: an event that completes a window fires at once. False: a
  // window is decided when event time passes its end.
  bool immediate = true;
  int64_t threshold = 0;  // immediate: the smallest count that fulfils all conditions
};
using Specs = std::vector<std::unique_ptr<Spec>>;  // groups point to their Spec

Specs MakeSpecs(Correlations correlations);
// Returns null if there is no correlation with this hash.
const Spec* FindSpec(const Specs& specs, std::string_view hash);
// Whether both are the same correlations in the same order.
bool AreSame(const Specs& specs, const Correlations& correlations);

// Whether `count` fulfils all conditions of the correlation.
bool Fulfils(const CorrelationRule& rule, int64_t count);

// Parses 16 hex digits. Returns false for anything else.
bool ParseHex64(std::string_view text, uint64_t* number);

}  // namespace correlation
}  // namespace picket::detector
