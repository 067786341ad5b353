#include "sigma/metadata_lint.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/strings.h"
#include "sigma/attack.h"

namespace picket::sigma {
namespace {

void WarnAt(const YamlNode& node, std::string message, std::vector<ItemFault>& faults) {
  faults.push_back({node.line, node.column, std::move(message), RuleFault::Severity::kWarning});
}

// Returns "; did you mean 'x'?", or "" if no known word is similar.
std::string Suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view nearest = NearestWord(LowerAscii(word), known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean '", ToAbsl(nearest), "'?");
}

void LintStatus(const YamlNode& status, std::vector<ItemFault>& faults) {
  static const std::vector<std::string_view> known = {"stable", "test", "experimental",
                                                      "deprecated", "unsupported"};
  if (status.IsNull()) return;
  const bool is_known = std::find(known.begin(), known.end(), status.text) != known.end();
  if (!status.IsScalar() || !is_known) {
    return WarnAt(status,
                  absl::StrCat("unknown status '", status.text,
                               "'; known are stable, test, experimental, deprecated, unsupported",
                               Suggestion(status.text, known)),
                  faults);
  }
  if (status.text != "deprecated" && status.text != "unsupported") return;
  WarnAt(status,
         absl::StrCat("the rule is marked as ", status.text, ", but it is loaded nevertheless"),
         faults);
}

// Returns true if the text is a day in the calendar, such as 2026-03-02. Older rules write slashes.
bool IsDay(std::string_view text) {
  if (text.size() != 10 || text[4] != text[7] || (text[4] != '-' && text[4] != '/')) return false;
  const auto number = [&text](size_t begin, size_t size) {
    int value = 0;
    for (const char c : text.substr(begin, size))
      value = IsDigit(c) ? value * 10 + c - '0' : -1000000;
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const absl::CivilDay civil(year, month, day);  // turns 30 February into a day in March
  return civil.month() == month && civil.day() == day;
}

void LintTag(const YamlNode& node, std::vector<ItemFault>& faults) {
  static const std::vector<std::string_view> namespaces = {"attack",    "car", "cve", "d3fend",
                                                           "detection", "stp", "tlp"};
  const std::string tag = LowerAscii(node.text);
  const size_t dot = tag.find('.');
  if (dot == std::string::npos) {
    return WarnAt(node,
                  absl::StrCat("the tag '", node.text,
                               "' has no namespace, such as 'attack.' in 'attack.t1114'"),
                  faults);
  }
  const std::string name_space = tag.substr(0, dot), name = tag.substr(dot + 1);
  if (std::find(namespaces.begin(), namespaces.end(), name_space) == namespaces.end()) {
    // Other namespaces are allowed. A short one resembles too many of the known ones.
    const std::string suggestion = name_space.size() < 5 ? "" : Suggestion(name_space, namespaces);
    if (suggestion.empty()) return;
    return WarnAt(node, absl::StrCat("unknown namespace '", name_space, "' of a tag", suggestion),
                  faults);
  }
  if (name_space != "attack" || name.empty()) return;
  const AttackTags read = ReadAttackTags({tag});
  if (!read.tactics.empty()) return;
  if (!read.techniques.empty()) {
    if (!IsKnownTechnique(read.techniques[0])) {
      WarnAt(node, absl::StrCat("ATT&CK has no technique ", read.techniques[0]), faults);
    }
    return;
  }
  // The other names are groups, software and so on, such as attack.g0016, attack.s0002 and
  // attack.ta0009. They end with four digits.
  const bool has_number =
      name.size() > 4 && std::all_of(name.end() - 4, name.end(), [](char c) { return IsDigit(c); });
  if (has_number && name[0] != 't') return;
  if (has_number && name.starts_with("ta")) return;
  std::vector<std::string_view> tactics;
  for (const AttackTactic& tactic : AttackTactics()) tactics.push_back(tactic.tag);
  WarnAt(node,
         absl::StrCat("'", node.text, "' is neither a tactic nor a technique of ATT&CK",
                      Suggestion(name, tactics)),
         faults);
}

}  // namespace

void LintMetadata(const YamlNode& root, std::vector<ItemFault>& faults) {
  if (const YamlNode* const status = root.Find("status")) LintStatus(*status, faults);
  for (const std::string_view key : {"date", "modified"}) {
    const YamlNode* const date = root.Find(key);
    if (date == nullptr || date->IsNull() || (date->IsScalar() && IsDay(date->text))) continue;
    WarnAt(*date, absl::StrCat("'", ToAbsl(key), "' must be a day such as 2026-03-02"), faults);
  }
  const YamlNode* const tags = root.Find("tags");
  if (tags == nullptr || tags->IsNull()) return;
  if (!tags->IsList()) {
    WarnAt(*tags, "'tags' must be a list, with a dash before each tag", faults);
    if (tags->IsScalar()) LintTag(*tags, faults);
  }
  for (const YamlNode& tag : tags->items) {
    if (tag.IsScalar()) LintTag(tag, faults);
  }
}

}  // namespace picket::sigma
