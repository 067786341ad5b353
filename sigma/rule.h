#pragma once

// The metadata of a rule (title, level, tags and so on) and the types of correlation conditions.
// Source: Sigma specification 2.1.0, "Sigma Rules Specification" and "Sigma Correlation Rules
// Specification".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace picket::sigma {

enum class Level : uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };

// Returns the name by which rules refer to the level, such as "high".
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

struct RuleInfo {
  std::string id;
  std::string title;
  std::string name;  // optional name by which correlations and filters refer to the rule
  std::string description;
  std::string author;
  Level level = Level::kMedium;
  std::vector<std::string> tags;  // such as "attack.t1114.003" or "attack.collection"
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  // Identifies the meaning of the rule. The version consists of the first 16 hex digits of a
  // SHA-256 hash over the detection or correlation, the log source and the level. Comments and
  // descriptions do not affect the version.
  std::string version;
  std::string file;
  int line = 0;
};

enum class CorrelationType : uint8_t { kEventCount, kValueCount };
enum class Comparison : uint8_t { kGreater, kGreaterEqual, kLess, kLessEqual, kEqual, kNotEqual };

struct CountCondition {
  Comparison comparison;
  int64_t value;
};

}  // namespace picket::sigma
