#pragma once

// What a rule set knows about its rules once they are loaded: plain values, no machinery.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace picket::detector {

enum class Level : uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };

// As rules write it: "high".
constexpr std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kInformational:
      return "informational";
    case Level::kLow:
      return "low";
    case Level::kMedium:
      return "medium";
    case Level::kHigh:
      return "high";
    case Level::kCritical:
      return "critical";
  }
  return "medium";
}

// A field that some rule or correlation looks at, as a number that the matcher finds values by.
using FieldId = uint32_t;
inline constexpr FieldId kNoField = UINT32_MAX;

struct RuleInfo {
  std::string id;
  std::string title;
  std::string name;  // what correlations may refer to; may be empty
  std::string description;
  std::string author;
  Level level = Level::kMedium;
  std::vector<std::string> tags;  // attack.t1114.003, attack.collection, …
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  // First 16 hex digits of SHA-256 over the canonical rule: detection or correlation, logsource and level, no comments.
  std::string version;
  std::string file;
  int line = 0;
};

// A rule that is decided on one event.
struct DetectionRule {
  RuleInfo info;
  // False for a rule that only feeds correlations (a correlation without `generate: true` refers to it).
  bool alerts = true;
};

enum class CorrelationType : uint8_t { kEventCount, kValueCount };
enum class Comparison : uint8_t { kGreater, kGreaterEqual, kLess, kLessEqual, kEqual, kNotEqual };

struct CountCondition {
  Comparison comparison;
  int64_t value;
};

// A rule that is decided on a window of events (Sigma specification, correlation rules).
struct CorrelationRule {
  RuleInfo info;
  CorrelationType type;
  std::vector<uint32_t> rules;  // detection rules it refers to, by index in the rule set
  // Fields whose values make the group, by [group-by position][position in `rules`]: aliases may name another field for
  // each rule. Empty: one group a tenant.
  std::vector<std::vector<FieldId>> group_by;
  std::vector<std::string> group_by_names;
  absl::Duration timespan;
  std::vector<CountCondition> conditions;  // all must hold
  FieldId value_field = kNoField;          // value_count
};

}  // namespace picket::detector
