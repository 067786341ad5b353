#include "detector/rule_pack.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "detector/log_sources.h"
#include "sigma/placeholders.h"
#include "sigma/rule_names.h"

namespace picket::detector {
namespace {

// Returns a string that identifies the content of a rule, including the texts that its alerts
// contain.
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

void IndexNames(RulePack& pack) {
  pack.matched = std::make_unique<std::atomic<bool>[]>(pack.set->rules().size());
  for (RuleNumber rule = 0; rule < pack.size(); ++rule) {
    const sigma::RuleInfo& info = pack.info(rule);
    pack.by_id[info.id] = rule;
    pack.by_level[static_cast<size_t>(info.level)].push_back(rule);
    for (const std::string& tag : info.tags) {
      std::vector<RuleNumber>& tagged = pack.by_tag[LowerAscii(tag)];
      if (tagged.empty() || tagged.back() != rule) tagged.push_back(rule);
    }
    for (const std::string_view name : {std::string_view(info.id), std::string_view(info.name),
                                        std::string_view(info.title), sigma::FileStem(info.file)}) {
      if (name.empty()) continue;
      const auto add = [&](std::vector<uint32_t>& named) {
        if (named.empty() || named.back() != rule) named.push_back(rule);
      };
      add(pack.rules_named[name]);
      if (rule < pack.set->rules().size()) add(pack.detection_rules_named[name]);
    }
  }
}

}  // namespace

std::vector<std::string> RulePack::NeverMatched() const {
  std::vector<std::string> ids;
  for (size_t rule = 0; rule < set->rules().size(); ++rule) {
    if (!matched[rule].load(std::memory_order_relaxed)) ids.push_back(set->rules()[rule].info.id);
  }
  return ids;
}

std::shared_ptr<const RulePack> CompileRulePack(const std::vector<sigma::RuleFile>& files,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults) {
  auto pack = std::make_shared<RulePack>();
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
          pack->filter_templates.push_back(std::move(document));
          continue;
        }
        templates.push_back(document);
        document.expression = sigma::WithoutPlaceholders(document.expression);
      }
      documents.push_back(std::move(document));
    }
  }
  pack->set = RuleSet::Compile(std::move(documents), resolve, faults);
  std::string filter_versions;
  for (const sigma::SigmaDocument& filter : pack->filter_templates) {
    absl::StrAppend(&filter_versions, filter.info.version, "\n");
  }
  pack->version = VersionOf(*pack->set, filter_versions);
  for (const DetectionRule& rule : pack->set->rules()) {
    pack->logsources.push_back(logsources[rule.info.id]);
  }
  IndexNames(*pack);
  for (sigma::SigmaDocument& document : templates) {
    // Skip a rule with errors, which is not in the set. Its errors have already been reported.
    const auto rule = pack->by_id.find(document.info.id);
    if (rule == pack->by_id.end() || rule->second >= pack->set->rules().size()) continue;
    std::vector<std::string> lists = sigma::PlaceholdersOf(document);
    pack->templates.push_back({rule->second, std::move(document), std::move(lists)});
  }
  for (const sigma::SigmaDocument& filter : pack->filter_templates) {
    for (const auto& [name, position] : filter.filter.rules) {
      if (pack->detection_rules_named.contains(name)) continue;
      faults.push_back({filter.info.file, position.line, position.column,
                        absl::StrCat("no detection rule has the id, name, title or file name '",
                                     name, "': the filter is left out")});
    }
  }
  return pack;
}

std::shared_ptr<const RulePack> RulePackOf(std::shared_ptr<const RuleSet> set) {
  auto pack = std::make_shared<RulePack>();
  pack->set = std::move(set);
  pack->version = VersionOf(*pack->set, "");
  pack->logsources.resize(pack->set->rules().size());
  IndexNames(*pack);
  return pack;
}

}  // namespace picket::detector
