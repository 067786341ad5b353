#include "sigma/correlation_block.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "sigma/yaml_values.h"

namespace picket::sigma {
namespace {

// Parses a timespan such as "30s", "5m", "1h", "7d", "2w", "1M" or "1y". A month (M) has 30 days,
// and a year (y) has 365.
std::optional<absl::Duration> ParseTimespan(std::string_view text) {
  uint32_t count = 0;
  if (text.size() < 2 || text[0] == '+' ||
      !absl::SimpleAtoi(ToAbsl(text.substr(0, text.size() - 1)), &count) || count == 0) {
    return std::nullopt;
  }
  switch (text.back()) {
    case 's':
      return absl::Seconds(count);
    case 'm':
      return absl::Minutes(count);
    case 'h':
      return absl::Hours(count);
    case 'd':
      return absl::Hours(24) * count;
    case 'w':
      return absl::Hours(24 * 7) * count;
    case 'M':
      return absl::Hours(24 * 30) * count;
    case 'y':
      return absl::Hours(24 * 365) * count;
    default:
      return std::nullopt;
  }
}

std::optional<Comparison> ParseComparison(std::string_view text) {
  if (text == "gt") return Comparison::kGreater;
  if (text == "gte") return Comparison::kGreaterEqual;
  if (text == "lt") return Comparison::kLess;
  if (text == "lte") return Comparison::kLessEqual;
  if (text == "eq") return Comparison::kEqual;
  if (text == "neq") return Comparison::kNotEqual;
  return std::nullopt;
}

// Reads a `correlation` block and reports all errors, not only the first.
class CorrelationReader {
 public:
  CorrelationReader(const YamlNode& outer, std::vector<ItemFault>& faults)
      : outer_(outer), faults_(faults) {}

  bool Read(const YamlNode& node, CorrelationSpec& spec) {
    if (!node.IsMap()) return Fault(node, "'correlation' must be a map");
    bool is_valid = true;
    for (const auto& [key, value] : node.pairs) {
      if (key.text != "type" && key.text != "rules" && key.text != "group-by" &&
          key.text != "timespan" && key.text != "timeframe" && key.text != "aliases" &&
          key.text != "condition" && key.text != "generate") {
        is_valid = Fault(key, absl::StrCat("unknown key '", key.text,
                                           "' in 'correlation'; known are type, rules, group-by, "
                                           "timespan, aliases, condition, generate"));
      }
    }
    const bool has_type = ReadCorrelationType(node, spec);
    const bool has_rules = ReadCountedRules(node, spec);
    is_valid &= has_type && has_rules;
    is_valid &= ReadTexts(node, "group-by", spec.group_by, faults_);
    is_valid &= ReadTimespan(node, spec);
    is_valid &= ReadGenerate(node, spec);
    // Aliases can be checked only if the rules are valid, and the condition can be checked only if
    // the type is valid.
    is_valid = is_valid & (!has_rules || ReadAliases(node, spec));
    is_valid = is_valid & (!has_type || ReadCountCondition(node, spec));
    return is_valid;
  }

 private:
  bool Fault(const YamlNode& node, std::string message) {
    faults_.push_back({node.line, node.column, std::move(message)});
    return false;
  }
  void Warn(const YamlNode& node, std::string message) {
    faults_.push_back({node.line, node.column, std::move(message), RuleFault::Severity::kWarning});
  }
  // Reports that the block lacks a key. The key may be in the document, but outside the block.
  bool Missing(const YamlNode& block, std::string_view key) {
    const YamlNode* const outside = outer_.Find(key);
    return Fault(block, absl::StrCat("the correlation has no '", ToAbsl(key), "'",
                                     outside == nullptr
                                         ? ""
                                         : absl::StrCat(": the one in line ", outside->line,
                                                        " is outside 'correlation'; indent it")));
  }

  bool ReadCorrelationType(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const type = node.Find("type");
    if (type == nullptr || !type->IsScalar()) return Missing(node, "type");
    if (type->text == "event_count") {
      spec.type = CorrelationType::kEventCount;
    } else if (type->text == "value_count") {
      spec.type = CorrelationType::kValueCount;
    } else {
      return Fault(*type, absl::StrCat("correlation type '", type->text,
                                       "' is not supported; supported are event_count and "
                                       "value_count"));
    }
    return true;
  }

  bool ReadCountedRules(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const rules = node.Find("rules");
    if (rules == nullptr || rules->IsNull()) return Missing(node, "rules");
    std::vector<std::string> names;
    if (!ReadTexts(node, "rules", names, faults_)) return false;
    if (names.empty()) return Fault(*rules, "'rules' is empty");
    bool is_valid = true;
    for (size_t i = 0; i < names.size(); ++i) {
      const YamlNode& at = rules->IsList() ? rules->items[i] : *rules;
      if (std::find(names.begin(), names.begin() + i, names[i]) != names.begin() + i) {
        is_valid = Fault(at, absl::StrCat("the rule '", names[i], "' is listed twice"));
      }
      spec.rules.emplace_back(names[i], SourcePosition{at.line, at.column});
    }
    return is_valid;
  }

  bool ReadTimespan(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* timespan = node.Find("timespan");
    if (timespan == nullptr) {
      timespan = node.Find("timeframe");  // the former name of the key
      if (timespan != nullptr) Warn(*timespan, "'timeframe' is the older name of 'timespan'");
    }
    if (timespan == nullptr) return Missing(node, "timespan");
    const std::optional<absl::Duration> parsed =
        timespan->IsScalar() ? ParseTimespan(timespan->text) : std::nullopt;
    if (!parsed.has_value()) {
      return Fault(*timespan,
                   absl::StrCat("'", timespan->text,
                                "' is not a timespan: write a number and s, m, h, d, w, M "
                                "or y, such as 10m"));
    }
    spec.timespan = *parsed;
    const std::string& text = timespan->text;
    if (text.ends_with('M')) {
      Warn(*timespan, absl::StrCat("'", text, "' is a number of months: write '",
                                   text.substr(0, text.size() - 1), "m' for minutes"));
    } else if (text.find_first_of(" \t") != std::string::npos) {
      Warn(*timespan, absl::StrCat("'", text, "' contains a blank, which other engines refuse"));
    }
    return true;
  }

  bool ReadGenerate(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const generate = node.Find("generate");
    if (generate == nullptr) return true;
    if (!generate->IsScalar() || generate->type != YamlNode::Type::kBool) {
      return Fault(*generate, "'generate' must be true or false");
    }
    spec.generate = EqualsIgnoreCase(generate->text, "true");
    return true;
  }

  bool ReadAliases(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const aliases = node.Find("aliases");
    if (aliases == nullptr || aliases->IsNull()) return true;
    if (!aliases->IsMap()) return Fault(*aliases, "'aliases' must be a map");
    bool is_valid = true;
    for (const auto& [alias, fields] : aliases->pairs) {
      if (!fields.IsMap()) {
        is_valid = Fault(fields, absl::StrCat("alias '", alias.text,
                                              "' must be a map of rule name to field name"));
        continue;
      }
      auto& [name, by_rule] = spec.aliases.emplace_back();
      name = alias.text;
      for (const auto& [rule, field] : fields.pairs) {
        const bool listed =
            std::any_of(spec.rules.begin(), spec.rules.end(),
                        [&rule = rule](const auto& r) { return r.first == rule.text; });
        if (!listed) {
          is_valid = Fault(rule, absl::StrCat("alias '", alias.text, "' names the rule '",
                                              rule.text, "', which is not among 'rules'"));
        }
        if (!field.IsScalar() || field.text.empty()) {
          is_valid = Fault(field, absl::StrCat("alias '", alias.text, "' must name a field"));
          continue;
        }
        by_rule.emplace_back(rule.text, field.text);
      }
    }
    return is_valid;
  }

  bool ReadCountCondition(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const condition = node.Find("condition");
    if (condition == nullptr) return Missing(node, "condition");
    if (!condition->IsMap()) {
      return Fault(*condition, "'condition' must be a map such as {gte: 10}");
    }
    bool is_valid = true, compares = false;
    for (const auto& [key, value] : condition->pairs) {
      if (key.text == "field") {
        if (spec.type == CorrelationType::kEventCount) {
          is_valid = Fault(key, "event_count counts events: 'field' belongs to value_count");
        } else if (!value.IsScalar() || value.text.empty()) {
          is_valid = Fault(value, "'field' takes the name of one field");
        } else {
          spec.value_field = value.text;
        }
        continue;
      }
      compares = true;  // even if the comparison is invalid; that error is reported below
      const std::optional<Comparison> comparison = ParseComparison(key.text);
      if (!comparison.has_value()) {
        is_valid = Fault(key, absl::StrCat("unknown comparison '", key.text,
                                           "'; known are gt, gte, lt, lte, eq, neq"));
        continue;
      }
      int64_t count = 0;
      if (!value.IsScalar() || value.type != YamlNode::Type::kNumber ||
          !absl::SimpleAtoi(value.text, &count) || count < 0) {
        is_valid = Fault(
            value, absl::StrCat("'", key.text, "' takes a whole number, not '", value.text, "'"));
        continue;
      }
      spec.conditions.push_back({*comparison, count});
    }
    if (!compares) {
      is_valid = Fault(*condition,
                       "the condition compares nothing: give one of gt, gte, lt, lte, eq, neq");
    }
    if (spec.type == CorrelationType::kValueCount && condition->Find("field") == nullptr) {
      is_valid = Fault(*condition, "value_count needs 'field' in its condition");
    }
    if (is_valid) WarnAboutRange(*condition, spec);
    return is_valid;
  }

  // Warns if no count, or every count, fulfils the conditions. A window begins with an event, so a
  // count is at least 1.
  void WarnAboutRange(const YamlNode& node, const CorrelationSpec& spec) {
    std::vector<int64_t> counts = {1};
    for (const CountCondition& condition : spec.conditions) {
      // The verdict can change only at these counts.
      counts.push_back(std::max<int64_t>(condition.value, 1));
      counts.push_back(std::max<int64_t>(condition.value - 1, 1));
      if (condition.value < INT64_MAX) counts.push_back(condition.value + 1);
    }
    const auto fulfils = [&spec](int64_t count) {
      return std::all_of(
          spec.conditions.begin(), spec.conditions.end(),
          [count](const CountCondition& condition) { return FulfilsOne(condition, count); });
    };
    if (std::none_of(counts.begin(), counts.end(), fulfils)) {
      Warn(node,
           "no count fulfils the condition (a count is at least 1), so the correlation never "
           "raises an alert");
    } else if (fulfils(0) && std::all_of(counts.begin(), counts.end(), fulfils)) {
      // `gte: 1` is no mistake: it groups the matches of a rule.
      Warn(node, "every count fulfils the condition");
    }
  }

  static bool FulfilsOne(const CountCondition& condition, int64_t count) {
    switch (condition.comparison) {
      case Comparison::kGreater:
        return count > condition.value;
      case Comparison::kGreaterEqual:
        return count >= condition.value;
      case Comparison::kLess:
        return count < condition.value;
      case Comparison::kLessEqual:
        return count <= condition.value;
      case Comparison::kEqual:
        return count == condition.value;
      case Comparison::kNotEqual:
        return count != condition.value;
    }
    return false;
  }

  const YamlNode& outer_;
  std::vector<ItemFault>& faults_;
};

}  // namespace

bool ReadCorrelationBlock(const YamlNode& block, const YamlNode& outer, CorrelationSpec& spec,
                          std::vector<ItemFault>& faults) {
  return CorrelationReader(outer, faults).Read(block, spec);
}

std::string CanonicalText(const CorrelationSpec& spec, Level level) {
  std::string canonical =
      absl::StrCat("correlation ", static_cast<int>(level), " ", static_cast<int>(spec.type), " ",
                   absl::FormatDuration(spec.timespan), " ", spec.generate, "\n");
  for (const auto& [name, position] : spec.rules) absl::StrAppend(&canonical, "rule ", name, "\n");
  for (const std::string& name : spec.group_by) absl::StrAppend(&canonical, "by ", name, "\n");
  for (const auto& [alias, fields] : spec.aliases) {
    for (const auto& [rule, field] : fields) {
      absl::StrAppend(&canonical, "alias ", alias, " ", rule, " ", field, "\n");
    }
  }
  for (const CountCondition& condition : spec.conditions) {
    absl::StrAppend(&canonical, "if ", static_cast<int>(condition.comparison), " ", condition.value,
                    "\n");
  }
  absl::StrAppend(&canonical, "of ", spec.value_field);
  return canonical;
}

}  // namespace picket::sigma
