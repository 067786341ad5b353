#include "detector/rule_pack.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "detector/matching/audit_sources.h"
#include "sigma/placeholders.h"

namespace picket::detector {
namespace {

// All that an alert shows of a rule and all that decides when there is one.
std::string Canonical(const sigma::RuleInfo& info, bool alerts) {
  std::string text = absl::StrCat(info.id, "\n", info.version, "\n", info.title, "\n",
                                  info.description, "\n", alerts ? "alerts" : "feeds", "\n");
  for (const std::string& tag : info.tags) absl::StrAppend(&text, tag, "\n");
  for (const std::string& reference : info.references) absl::StrAppend(&text, reference, "\n");
  return text;
}

std::string VersionOf(const RuleSet& set, std::string_view filters) {
  std::vector<std::string> rules;
  for (const DetectionRule& rule : set.rules()) {
    rules.push_back(Canonical(rule.info, rule.alerts));
  }
  for (const CorrelationRule& rule : set.correlations()) {
    rules.push_back(Canonical(rule.info, true));
  }
  std::sort(rules.begin(), rules.end());
  std::string all(filters);
  for (const std::string& rule : rules) absl::StrAppend(&all, rule.size(), ":", rule);
  return HexPrefix(Sha256(all), 16);
}

void IndexNames(BaseRules& base) {
  base.matched = std::make_unique<std::atomic<bool>[]>(base.set->rules().size());
  for (RuleNumber rule = 0; rule < base.size(); ++rule) {
    const sigma::RuleInfo& info = base.info(rule);
    base.by_id[info.id] = rule;
    base.by_level[static_cast<size_t>(info.level)].push_back(rule);
    for (const std::string& tag : info.tags) {
      std::vector<RuleNumber>& tagged = base.by_tag[LowerAscii(tag)];
      if (tagged.empty() || tagged.back() != rule) tagged.push_back(rule);
    }
    if (rule >= base.set->rules().size()) continue;
    for (const std::string* name : {&info.id, &info.name, &info.title}) {
      if (name->empty()) continue;
      std::vector<uint32_t>& called = base.detection_rules_called[*name];
      if (called.empty() || called.back() != rule) called.push_back(rule);
    }
  }
}

}  // namespace

std::vector<std::string> BaseRules::NeverMatched() const {
  std::vector<std::string> ids;
  for (size_t rule = 0; rule < set->rules().size(); ++rule) {
    if (!matched[rule].load(std::memory_order_relaxed)) ids.push_back(set->rules()[rule].info.id);
  }
  return ids;
}

std::shared_ptr<const BaseRules> CompileBaseRules(const std::vector<sigma::RuleFile>& files,
                                                  const FieldResolver& resolve,
                                                  std::vector<sigma::RuleFault>& faults) {
  auto base = std::make_shared<BaseRules>();
  std::vector<sigma::SigmaDocument> documents, templates;
  StringMap<sigma::LogSource> logsources;
  for (const sigma::RuleFile& file : files) {
    for (sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      RouteToAuditEvents(document);
      if (document.kind == sigma::SigmaDocument::Kind::kDetection) {
        logsources.try_emplace(document.info.id, document.logsource);
      }
      if (!sigma::PlaceholdersOf(document).empty()) {
        if (document.kind == sigma::SigmaDocument::Kind::kFilter) {
          base->filter_templates.push_back(std::move(document));
          continue;
        }
        templates.push_back(document);
        document.expression = sigma::WithoutPlaceholders(document.expression);
      }
      documents.push_back(std::move(document));
    }
  }
  base->set = RuleSet::Compile(std::move(documents), resolve, faults);
  std::string filter_versions;
  for (const sigma::SigmaDocument& filter : base->filter_templates) {
    absl::StrAppend(&filter_versions, filter.info.version, "\n");
  }
  base->version = VersionOf(*base->set, filter_versions);
  for (const DetectionRule& rule : base->set->rules()) {
    base->logsources.push_back(logsources[rule.info.id]);
  }
  IndexNames(*base);
  for (sigma::SigmaDocument& document : templates) {
    // One that did not compile has been reported.
    const auto rule = base->by_id.find(document.info.id);
    if (rule == base->by_id.end() || rule->second >= base->set->rules().size()) continue;
    std::vector<std::string> lists = sigma::PlaceholdersOf(document);
    base->templates.push_back({rule->second, std::move(document), std::move(lists)});
  }
  for (const sigma::SigmaDocument& filter : base->filter_templates) {
    for (const auto& [name, position] : filter.filter.rules) {
      if (base->detection_rules_called.contains(name)) continue;
      faults.push_back({filter.info.file, position.line, position.column,
                        absl::StrCat("no detection rule has the id, name or title '", name,
                                     "': the filter is left out")});
    }
  }
  return base;
}

std::shared_ptr<const BaseRules> BaseRulesOf(std::shared_ptr<const RuleSet> set) {
  auto base = std::make_shared<BaseRules>();
  base->set = std::move(set);
  base->version = VersionOf(*base->set, "");
  base->logsources.resize(base->set->rules().size());
  IndexNames(*base);
  return base;
}

}  // namespace picket::detector
