#include "detector/tenant_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/json_writer.h"
#include "common/sha256.h"
#include "sigma/placeholders.h"
#include "sigma/yaml_document.h"

namespace picket::detector {
namespace {

// Where the settings stand in their file, for faults that the configuration reader cannot see.
class SettingLines {
 public:
  explicit SettingLines(std::string_view text) : documents_(sigma::ReadYaml(text)) {
    if (!documents_.empty() && documents_.front().error.empty()) {
      detector_ = documents_.front().root.Find("detector");
    }
  }

  // Of `key`, or of its element `index`, or of the member `member` of that element; 0 when it is not there.
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

constexpr std::string_view kTagPrefix = "tag:", kLevelPrefix = "level:";

bool ParseLevel(std::string_view name, sigma::Level* level) {
  constexpr std::string_view kNames[] = {"informational", "low", "medium", "high", "critical"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (!EqualsIgnoreCase(name, kNames[i])) continue;
    *level = static_cast<sigma::Level>(i);
    return true;
  }
  return false;
}

// A suppression's `where` as a Sigma selection: names may carry modifiers, values wildcards.
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
  std::vector<sigma::RuleFault> wrong;
  std::vector<sigma::SigmaDocument> documents =
      sigma::ReadSigma({file, SelectionText(suppression.written.where)}, wrong);
  if (documents.size() == 1 && wrong.empty()) {
    suppression.where = std::make_shared<const sigma::SigmaDocument>(std::move(documents[0]));
    return true;
  }
  for (const sigma::RuleFault& fault : wrong) {
    faults.push_back({file, suppression.line, 1,
                      absl::StrCat("detector.suppressions[", index, "].where: ", fault.message)});
  }
  return false;
}

void SortUnique(std::vector<uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

// The rules that an id, `tag:…` or `level:…` names.
std::vector<RuleNumber> Named(const BaseRules& base, std::string_view selector) {
  if (selector.starts_with(kTagPrefix)) {
    const auto found = base.by_tag.find(LowerAscii(selector.substr(kTagPrefix.size())));
    return found == base.by_tag.end() ? std::vector<RuleNumber>() : found->second;
  }
  if (selector.starts_with(kLevelPrefix)) {
    sigma::Level level;
    if (!ParseLevel(selector.substr(kLevelPrefix.size()), &level)) return {};
    return base.by_level[static_cast<size_t>(level)];
  }
  const auto found = base.by_id.find(selector);
  if (found == base.by_id.end()) return {};
  return {found->second};
}

// How closely a selector names a rule: levels, then tags, then ids.
int Closeness(std::string_view selector) {
  return selector.starts_with(kLevelPrefix) ? 0 : selector.starts_with(kTagPrefix) ? 1 : 2;
}

// The closer selector decides; among equally close ones `enable` does.
void SwitchRules(const BaseRules& base, const TenantDetectorSettings& settings,
                 std::vector<bool>& off) {
  for (int closeness = 0; closeness < 3; ++closeness) {
    for (const bool is_off : {true, false}) {
      for (const std::string& selector : is_off ? settings.disable : settings.enable) {
        if (Closeness(selector) != closeness) continue;
        for (const RuleNumber rule : Named(base, selector)) off[rule] = is_off;
      }
    }
  }
}

}  // namespace

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
                        "this is no filter: a tenant's filters_dir takes Sigma filters, rules "
                        "belong where all rules are"});
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

namespace {

// Puts one view together.
class Binding {
 public:
  // `lists_from`: whose lists a fault of a value is about.
  Binding(const BaseRules& base, sigma::ValueLists lists, std::string lists_from,
          std::vector<sigma::RuleFault>& faults)
      : base_(base), lists_(std::move(lists)), lists_from_(std::move(lists_from)), faults_(faults) {
    view_.off.assign(base.size(), false);
  }

  void TakeTemplates() {
    for (const BaseRules::Template& each : base_.templates) {
      sigma::SigmaDocument document = each.document;
      if (Resolve(each.lists, document.info.id, document)) {
        const std::string lists_key = KeyOf(each.lists);
        view_.exact[each.rule] = AddCondition(std::move(document), lists_key);
      } else {
        view_.off[each.rule] = true;
      }
    }
    for (const sigma::SigmaDocument& filter : base_.filter_templates) AddFilter(filter);
  }

  void Take(const TenantOverlay& overlay) {
    const TenantDetectorSettings& settings = overlay.settings.detector;
    CheckNamed(overlay, "disable", settings.disable, overlay.disable_lines);
    CheckNamed(overlay, "enable", settings.enable, overlay.enable_lines);
    SwitchRules(base_, settings, view_.off);
    for (const sigma::SigmaDocument& filter : overlay.filters) AddFilter(filter);
    for (size_t i = 0; i < overlay.suppressions.size(); ++i) AddSuppression(overlay, i);
  }

  const std::string& conditions_key() const { return conditions_key_; }
  std::vector<sigma::SigmaDocument> TakeConditions() { return std::move(conditions_); }
  TenantRules TakeView() {
    if (std::find(view_.off.begin(), view_.off.end(), true) == view_.off.end()) view_.off.clear();
    return std::move(view_);
  }

 private:
  void CheckNamed(const TenantOverlay& overlay, std::string_view key,
                  const std::vector<std::string>& selectors, const std::vector<int>& lines) {
    for (size_t i = 0; i < selectors.size(); ++i) {
      if (Closeness(selectors[i]) != 2 || base_.by_id.contains(selectors[i])) continue;
      faults_.push_back({overlay.settings.file, lines[i], 1,
                         absl::StrCat("detector.", ToAbsl(key), "[", i, "]: no rule has the id '",
                                      selectors[i], "'")});
    }
  }

  // False when a list is not there, which is noted, or a value of it has no meaning in its place, which is a fault.
  bool Resolve(const std::vector<std::string>& lists, const std::string& name,
               sigma::SigmaDocument& document) {
    bool has_all = true;
    for (const std::string& list : lists) {
      const auto found = lists_.find(list);
      if (found != lists_.end() && !found->second.empty()) continue;
      view_.without_list.push_back({name, list});
      has_all = false;
    }
    if (!has_all) return false;
    const size_t before = faults_.size();
    const bool is_resolved = sigma::ResolvePlaceholders(lists_, document, faults_);
    for (size_t i = before; i < faults_.size(); ++i) {
      absl::StrAppend(&faults_[i].message, " (with the lists of ", lists_from_, ")");
    }
    return is_resolved;
  }

  std::string KeyOf(const std::vector<std::string>& lists) {
    std::string key;
    for (const std::string& list : lists) {
      std::string& digest = digests_[list];
      if (digest.empty()) {
        std::string text;
        for (const std::string& value : lists_[list])
          absl::StrAppend(&text, value.size(), ":", value);
        digest = HexPrefix(Sha256(text), 32);
      }
      absl::StrAppend(&key, list, "=", digest, " ");
    }
    return key;
  }

  uint32_t AddCondition(sigma::SigmaDocument document, std::string_view lists_key = "") {
    // The version covers all that the condition says.
    absl::StrAppend(&conditions_key_, document.info.version, " ", ToAbsl(lists_key));
    document.kind = sigma::SigmaDocument::Kind::kDetection;
    const auto index = static_cast<uint32_t>(conditions_.size());
    document.info.id = absl::StrCat(index);
    document.declared_id = document.info.id;
    document.info.name.clear();
    conditions_.push_back(std::move(document));
    return index;
  }

  void AddFilter(const sigma::SigmaDocument& filter) {
    std::vector<uint32_t> rules;
    for (const auto& [name, position] : filter.filter.rules) {
      const auto found = base_.detection_rules_called.find(name);
      if (found == base_.detection_rules_called.end()) {
        faults_.push_back({filter.info.file, position.line, position.column,
                           absl::StrCat("no detection rule has the id, name or title '", name,
                                        "': the filter is left out")});
        return;
      }
      rules.insert(rules.end(), found->second.begin(), found->second.end());
    }
    if (filter.filter.rules.empty()) {
      for (uint32_t rule = 0; rule < base_.logsources.size(); ++rule) rules.push_back(rule);
    }
    std::erase_if(rules, [&](uint32_t rule) {
      return !sigma::CoversLogSource(filter.logsource, base_.logsources[rule]);
    });
    SortUnique(rules);
    if (rules.empty()) return;
    sigma::SigmaDocument document = filter;
    const std::vector<std::string> lists = sigma::PlaceholdersOf(document);
    if (!lists.empty() && !Resolve(lists, filter.info.title, document)) return;
    view_.filters.push_back({std::move(rules), AddCondition(std::move(document), KeyOf(lists))});
  }

  void AddSuppression(const TenantOverlay& overlay, size_t index) {
    const ReadSuppression& suppression = overlay.suppressions[index];
    std::vector<RuleNumber> rules = Named(base_, suppression.written.rule);
    if (rules.empty()) {
      faults_.push_back({overlay.settings.file, suppression.line, 1,
                         absl::StrCat("detector.suppressions[", index, "]: no rule is named by '",
                                      suppression.written.rule, "'")});
      return;
    }
    SortUnique(rules);
    view_.suppressions.push_back(
        {std::move(rules), suppression.until_ms,
         suppression.where == nullptr ? kNoCondition : AddCondition(*suppression.where)});
  }

  const BaseRules& base_;
  sigma::ValueLists lists_;
  const std::string lists_from_;
  StringMap<std::string> digests_;  // of lists
  std::vector<sigma::RuleFault>& faults_;
  TenantRules view_;
  std::vector<sigma::SigmaDocument> conditions_;
  std::string conditions_key_;
};

}  // namespace

void TenantBinder::Use(std::shared_ptr<const BaseRules> base) {
  if (base != base_) views_.clear();
  base_ = std::move(base);
}

std::shared_ptr<const TenantRules> TenantBinder::Bind(const TenantOverlay* overlay,
                                                      const TenantOverlay* defaults,
                                                      std::vector<sigma::RuleFault>& faults) {
  std::string key;
  for (const TenantOverlay* part : {defaults, overlay}) {
    absl::StrAppend(&key, part == nullptr ? "-" : part->content, " ");
  }
  if (const auto known = views_.find(key); known != views_.end()) {
    if (std::shared_ptr<const TenantRules> view = known->second.lock()) return view;
  }
  const size_t before = faults.size();
  sigma::ValueLists lists;
  std::string lists_from;
  for (const TenantOverlay* part : {defaults, overlay}) {
    if (part == nullptr) continue;
    lists_from = part->settings.file;
    for (const auto& [name, values] : part->settings.detector.lists) lists[name] = values;
  }
  Binding binding(*base_, std::move(lists), std::move(lists_from), faults);
  binding.TakeTemplates();
  for (const TenantOverlay* part : {defaults, overlay}) {
    if (part != nullptr) binding.Take(*part);
  }
  const std::string conditions_key = binding.conditions_key();
  std::vector<sigma::SigmaDocument> conditions = binding.TakeConditions();
  auto view = std::make_shared<TenantRules>(binding.TakeView());
  if (overlay != nullptr || defaults != nullptr) view->version = HexPrefix(Sha256(key), 16);
  view->conditions = Conditions(conditions_key, std::move(conditions), faults);
  // A view with faults is bound anew for each tenant, so that each is told of its own file.
  if (faults.size() == before) views_[key] = view;
  return view;
}

std::shared_ptr<const RuleSet> TenantBinder::Conditions(const std::string& key,
                                                        std::vector<sigma::SigmaDocument> documents,
                                                        std::vector<sigma::RuleFault>& faults) {
  if (documents.empty()) return nullptr;
  std::weak_ptr<const RuleSet>& known = conditions_[key];
  std::shared_ptr<const RuleSet> set = known.lock();
  if (set == nullptr) {
    set = RuleSet::Compile(std::move(documents), resolve_, faults);
    known = set;
    ++conditions_compiled_;
  }
  return set;
}

void TenantBinder::Sweep() {
  const auto is_gone = [](const auto& entry) { return entry.second.expired(); };
  absl::erase_if(views_, is_gone);
  absl::erase_if(conditions_, is_gone);
}

}  // namespace picket::detector
