#include "detector/tenant_binder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "sigma/filters.h"
#include "sigma/placeholders.h"

namespace picket::detector {
namespace {

void SortUnique(std::vector<uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

// Returns the rules that a selector names. A selector is an id, name, title or file name, `tag:…`
// or `level:…`.
std::vector<RuleNumber> SelectedRules(const RulePack& pack, std::string_view selector) {
  if (selector.starts_with(kTagPrefix)) {
    const auto found = pack.by_tag.find(LowerAscii(selector.substr(kTagPrefix.size())));
    return found == pack.by_tag.end() ? std::vector<RuleNumber>() : found->second;
  }
  if (selector.starts_with(kLevelPrefix)) {
    sigma::Level level;
    if (!ParseLevel(selector.substr(kLevelPrefix.size()), &level)) return {};
    return pack.by_level[static_cast<size_t>(level)];
  }
  const auto found = pack.by_id.find(selector);
  if (found != pack.by_id.end()) return {found->second};
  const auto named = pack.rules_named.find(selector);
  return named == pack.rules_named.end() ? std::vector<RuleNumber>() : named->second;
}

// Returns how specific a selector is: 0 for a level, 1 for a tag, 2 for a name.
int Specificity(std::string_view selector) {
  return selector.starts_with(kLevelPrefix) ? 0 : selector.starts_with(kTagPrefix) ? 1 : 2;
}

// Turns rules on and off. If several selectors name a rule, the most specific one takes precedence.
// Among equally specific selectors, `enable` takes precedence.
void SwitchRules(const RulePack& pack, const TenantDetectorSettings& settings,
                 std::vector<bool>& off) {
  for (int specificity = 0; specificity < 3; ++specificity) {
    for (const bool is_off : {true, false}) {
      for (const std::string& selector : is_off ? settings.disable : settings.enable) {
        if (Specificity(selector) != specificity) continue;
        for (const RuleNumber rule : SelectedRules(pack, selector)) off[rule] = is_off;
      }
    }
  }
}

// Builds the view of one tenant.
class Binding {
 public:
  // `lists_from` is the file that defines the lists. Errors in the values of lists name this file.
  Binding(const RulePack& pack, sigma::ValueLists lists, std::string lists_from,
          std::vector<sigma::RuleFault>& faults)
      : pack_(pack), lists_(std::move(lists)), lists_from_(std::move(lists_from)), faults_(faults) {
    view_.off.assign(pack.size(), false);
  }

  void AddTemplates() {
    for (const RulePack::Template& each : pack_.templates) {
      sigma::SigmaDocument document = each.document;
      if (Resolve(each.lists, document.info.id, document)) {
        const std::string lists_key = KeyOf(each.lists);
        view_.exact[each.rule] = AddCondition(std::move(document), lists_key);
      } else {
        view_.off[each.rule] = true;
      }
    }
    for (const sigma::SigmaDocument& filter : pack_.filter_templates) AddFilter(filter);
  }

  void AddOverlay(const TenantOverlay& overlay) {
    const TenantDetectorSettings& settings = overlay.settings.detector;
    CheckIds(overlay, "disable", settings.disable, overlay.disable_lines);
    CheckIds(overlay, "enable", settings.enable, overlay.enable_lines);
    SwitchRules(pack_, settings, view_.off);
    for (const sigma::SigmaDocument& filter : overlay.filters) AddFilter(filter);
    for (size_t i = 0; i < overlay.suppressions.size(); ++i) AddSuppression(overlay, i);
  }

  const std::string& conditions_key() const { return conditions_key_; }
  std::vector<sigma::SigmaDocument> ReleaseConditions() { return std::move(conditions_); }
  TenantRules ReleaseView() {
    if (std::find(view_.off.begin(), view_.off.end(), true) == view_.off.end()) view_.off.clear();
    return std::move(view_);
  }

 private:
  void CheckIds(const TenantOverlay& overlay, std::string_view key,
                const std::vector<std::string>& selectors, const std::vector<int>& lines) {
    for (size_t i = 0; i < selectors.size(); ++i) {
      if (Specificity(selectors[i]) != 2 || pack_.rules_named.contains(selectors[i])) continue;
      faults_.push_back(
          {overlay.settings.file, lines[i], 1,
           absl::StrCat("detector.", ToAbsl(key), "[", i,
                        "]: no rule has the id, name, title or file name '", selectors[i], "'")});
    }
  }

  // Replaces the placeholders of a document. If a list is missing or empty, records the list in the
  // view and returns false. If a value of a list is invalid at the place of the placeholder,
  // reports an error and returns false.
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
    // The resolved condition depends only on the document, which its version identifies, and on the
    // values of the lists.
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
      const auto found = pack_.detection_rules_named.find(name);
      if (found == pack_.detection_rules_named.end()) {
        faults_.push_back({filter.info.file, position.line, position.column,
                           absl::StrCat("no detection rule has the id, name, title or file name '",
                                        name, "': the filter is left out")});
        return;
      }
      rules.insert(rules.end(), found->second.begin(), found->second.end());
    }
    if (filter.filter.rules.empty()) {
      for (uint32_t rule = 0; rule < pack_.logsources.size(); ++rule) rules.push_back(rule);
    }
    std::erase_if(rules, [&](uint32_t rule) {
      return !sigma::CoversLogSource(filter.logsource, pack_.logsources[rule]);
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
    std::vector<RuleNumber> rules = SelectedRules(pack_, suppression.written.rule);
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

  const RulePack& pack_;
  sigma::ValueLists lists_;
  const std::string lists_from_;
  StringMap<std::string> digests_;  // hash of each list's values, by list name
  std::vector<sigma::RuleFault>& faults_;
  TenantRules view_;
  std::vector<sigma::SigmaDocument> conditions_;
  std::string conditions_key_;
};

}  // namespace

void TenantBinder::Use(std::shared_ptr<const RulePack> pack) {
  if (pack != pack_) views_.clear();
  pack_ = std::move(pack);
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
  Binding binding(*pack_, std::move(lists), std::move(lists_from), faults);
  binding.AddTemplates();
  for (const TenantOverlay* part : {defaults, overlay}) {
    if (part != nullptr) binding.AddOverlay(*part);
  }
  const std::string conditions_key = binding.conditions_key();
  std::vector<sigma::SigmaDocument> conditions = binding.ReleaseConditions();
  auto view = std::make_shared<TenantRules>(binding.ReleaseView());
  if (overlay != nullptr || defaults != nullptr) view->version = HexPrefix(Sha256(key), 16);
  view->conditions = Conditions(conditions_key, std::move(conditions), faults);
  // Do not share a view with errors. Build it again for each tenant, so that the errors name the
  // file of that tenant.
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
