#pragma once

// Prepares correlation rules for the correlator. Computes the hash under which the windows of a
// rule are stored, and determines whether a rule fires at an event or at the end of a window.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

// Correlation rules, each with a hash.
struct Correlations {
  struct Entry {
    CorrelationRule rule;
    // Identifies the windows of the rule in the topic `state`. The rule continues its windows after
    // a reload if this hash has not changed. The hash covers the id and version of the rule and the
    // versions of the counted rules. It consists of 16 hex digits.
    std::string hash;
  };
  std::vector<Entry> entries;
};
Correlations MakeCorrelations(absl::Span<const CorrelationRule> correlations,
                              absl::Span<const DetectionRule> rules);

namespace correlation {

// A correlation rule that is prepared for evaluation.
struct Spec {
  CorrelationRule rule;
  std::string hash;
  uint64_t id = 0;  // `hash` as an integer
  uint32_t index = 0;
  int64_t span = 0;  // the timespan in milliseconds
  // True if all conditions are gte or gt. Such a rule fires at the event that fulfils the
  // conditions. For any other rule, the count of a window is compared with the conditions when
  // event time passes the end of the window.
  bool immediate = true;
  int64_t threshold = 0;  // if `immediate`, the smallest count that fulfils all conditions
};
// Each Spec is allocated separately, so that its address stays valid: each Group
// (correlation_groups.h) has a pointer to its Spec.
using Specs = std::vector<std::unique_ptr<Spec>>;

Specs MakeSpecs(Correlations correlations);
// Returns null if there is no correlation with this hash.
const Spec* FindSpec(const Specs& specs, std::string_view hash);
// Returns true if `specs` and `correlations` contain the same correlations in the same order.
bool AreSame(const Specs& specs, const Correlations& correlations);

// Returns true if `count` fulfils all conditions of the correlation.
bool Fulfils(const CorrelationRule& rule, int64_t count);

// Parses exactly 16 hex digits. Returns false if `text` has another format.
bool ParseHex64(std::string_view text, uint64_t* number);

}  // namespace correlation
}  // namespace picket::detector
