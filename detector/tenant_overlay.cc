#include "detector/tenant_overlay.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/json_writer.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "sigma/yaml_document.h"

namespace picket::detector {
namespace {

// Finds the line numbers of settings, for errors that the configuration reader cannot detect.
class SettingLines {
 public:
  explicit SettingLines(std::string_view text) : documents_(sigma::ReadYaml(text)) {
    if (!documents_.empty() && documents_.front().error.empty()) {
      detector_ = documents_.front().root.Find("detector");
    }
  }

  // Returns the line of the setting `key`, of the element `index` of the setting, or of the member
  // `member` of the element. If the element or the member does not exist, returns the line of what
  // contains it. Returns 0 if the setting does not exist.
  int Line(std::string_view key, size_t index = kAll, std::string_view member = "") const {
    const sigma::YamlNode* node = detector_ == nullptr ? nullptr : detector_->Find(key);
    if (node == nullptr) return 0;
    if (index == kAll) return node->line;
    if (index >= node->items.size()) return node->line;
    const sigma::YamlNode& element = node->items[index];
    const sigma::YamlNode* const found = member.empty() ? nullptr : element.Find(member);
    return found == nullptr ? element.line : found->line;
  }

 private:
  static constexpr size_t kAll = SIZE_MAX;
  std::vector<sigma::YamlDocument> documents_;
  const sigma::YamlNode* detector_ = nullptr;
};

// Returns a suppression's `where` as the text of a Sigma rule.
std::string SelectionText(const std::map<std::string, std::string>& where) {
  std::string text =
      "title: suppression\nlogsource: {category: any}\ndetection:\n  condition: where\n  where:\n";
  const auto quote = [&text](std::string_view part) {
    text += '"';
    AppendJsonEscaped(text, part);
    text += '"';
  };
  for (const auto& [field, value] : where) {
    text += "    ";
    quote(field);
    text += ": ";
    quote(value);
    text += '\n';
  }
  return text;
}

std::string ContentOf(const TenantDetectorSettings& settings,
                      const std::vector<sigma::RuleFile>& filters) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    absl::StrAppend(&text, part.size(), ":");
    text.append(part);
  };
  const auto add_set = [&add](std::string_view name, std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    add(name);
    for (const std::string& value : values) add(value);
  };
  add_set("disable", settings.disable);
  add_set("enable", settings.enable);
  for (const auto& [name, values] : settings.lists) {
    add("list");
    add_set(name, values);
  }
  for (const sigma::RuleFile& filter : filters) {
    add("filter");
    add(filter.text);
  }
  for (const Suppression& suppression : settings.suppressions) {
    add("suppression");
    for (const std::string* part :
         {&suppression.rule, &suppression.owner, &suppression.reason, &suppression.expires}) {
      add(*part);
    }
    for (const auto& [field, value] : suppression.where) {
      add(field);
      add(value);
    }
  }
  return HexPrefix(Sha256(text), 16);
}

void CheckSelector(const std::string& selector, int line, std::string_view key,
                   const std::string& file, std::vector<sigma::RuleFault>& faults) {
  sigma::Level level;
  if (!selector.starts_with(kLevelPrefix) ||
      ParseLevel(std::string_view(selector).substr(kLevelPrefix.size()), &level)) {
    return;
  }
  faults.push_back({file, line, 1,
                    absl::StrCat("detector.", ToAbsl(key), ": unknown level in '", selector,
                                 "'; known are informational, low, medium, high, critical")});
}

void CheckSelectors(const std::vector<std::string>& selectors, std::string_view key,
                    const SettingLines& lines, const std::string& file,
                    std::vector<sigma::RuleFault>& faults) {
  for (size_t i = 0; i < selectors.size(); ++i) {
    CheckSelector(selectors[i], lines.Line(key, i), absl::StrCat(ToAbsl(key), "[", i, "]"), file,
                  faults);
  }
}

std::vector<int> LinesOf(const std::vector<std::string>& selectors, std::string_view key,
                         const SettingLines& lines) {
  std::vector<int> found;
  for (size_t i = 0; i < selectors.size(); ++i) found.push_back(lines.Line(key, i));
  return found;
}

bool ReadWhere(const std::string& file, size_t index, ReadSuppression& suppression,
               std::vector<sigma::RuleFault>& faults) {
  if (suppression.written.where.empty()) return true;
  std::vector<sigma::RuleFault> where_faults;
  std::vector<sigma::SigmaDocument> documents =
      sigma::ReadSigma({file, SelectionText(suppression.written.where)}, where_faults);
  if (documents.size() == 1 && where_faults.empty()) {
    suppression.where = std::make_shared<const sigma::SigmaDocument>(std::move(documents[0]));
    return true;
  }
  for (const sigma::RuleFault& fault : where_faults) {
    faults.push_back({file, suppression.line, 1,
                      absl::StrCat("detector.suppressions[", index, "].where: ", fault.message)});
  }
  return false;
}

}  // namespace

bool ParseLevel(std::string_view name, sigma::Level* level) {
  constexpr std::string_view kNames[] = {"informational", "low", "medium", "high", "critical"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (!EqualsIgnoreCase(name, kNames[i])) continue;
    *level = static_cast<sigma::Level>(i);
    return true;
  }
  return false;
}

bool ReadTenantOverlay(TenantSettings settings, std::string_view text, TenantOverlay* overlay,
                       std::vector<sigma::RuleFault>& faults) {
  const size_t before = faults.size();
  const std::string& file = settings.file;
  const SettingLines lines(text);
  const TenantDetectorSettings& detector = settings.detector;
  CheckSelectors(detector.disable, "disable", lines, file, faults);
  CheckSelectors(detector.enable, "enable", lines, file, faults);
  overlay->disable_lines = LinesOf(detector.disable, "disable", lines);
  overlay->enable_lines = LinesOf(detector.enable, "enable", lines);

  std::vector<sigma::RuleFile> files;
  if (!detector.filters_dir.empty()) files = sigma::ReadRuleFiles(detector.filters_dir, faults);
  overlay->filters.clear();
  for (const sigma::RuleFile& filter : files) {
    for (sigma::SigmaDocument& document : sigma::ReadSigma(filter, faults)) {
      if (document.kind == sigma::SigmaDocument::Kind::kFilter) {
        overlay->filters.push_back(std::move(document));
        continue;
      }
      faults.push_back({filter.path, document.position.line, document.position.column,
                        "this is not a filter: a tenant's filters_dir contains Sigma filters; "
                        "put rules where all other rules are"});
    }
  }

  overlay->suppressions.clear();
  for (size_t i = 0; i < detector.suppressions.size(); ++i) {
    ReadSuppression& suppression = overlay->suppressions.emplace_back();
    suppression.written = detector.suppressions[i];
    suppression.line = lines.Line("suppressions", i, "rule");
    absl::CivilDay day;
    if (absl::ParseCivilTime(suppression.written.expires, &day)) {
      suppression.until_ms =
          absl::ToUnixMillis(absl::FromCivil(absl::CivilDay(day + 1), absl::UTCTimeZone()));
    }
    CheckSelector(suppression.written.rule, suppression.line,
                  absl::StrCat("suppressions[", i, "].rule"), file, faults);
    ReadWhere(file, i, suppression, faults);
  }
  overlay->content = ContentOf(detector, files);
  overlay->settings = std::move(settings);
  return faults.size() == before;
}

}  // namespace picket::detector
