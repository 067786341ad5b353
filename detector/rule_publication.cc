#include "detector/rule_publication.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "detector/rule_pack.h"
#include "detector/rule_source.h"
#include "model/field_names.h"
#include "sigma/sigma_document.h"

namespace picket::detector {
namespace {

// Splits the text before each line that begins a YAML document. Such a line is `---` or begins with
// `---` and whitespace.
std::vector<std::string_view> Chunks(std::string_view text) {
  std::vector<std::string_view> chunks;
  size_t begin = 0;
  for (size_t line = 0; line < text.size();) {
    const size_t end = std::min(text.find('\n', line), text.size());
    const std::string_view content = text.substr(line, end - line);
    const bool is_marker =
        content.starts_with("---") &&
        (content.size() == 3 || content[3] == ' ' || content[3] == '\r' || content[3] == '\t');
    if (is_marker && line > begin) {
      chunks.push_back(text.substr(begin, line - begin));
      begin = line;
    }
    line = end + 1;
  }
  chunks.push_back(text.substr(std::min(begin, text.size())));
  return chunks;
}

}  // namespace

PublishedRules SplitDocuments(const sigma::RuleFile& file, std::vector<sigma::RuleFault>& faults) {
  const std::vector<sigma::SigmaDocument> whole = sigma::ReadSigma(file, faults);
  PublishedRules documents;
  std::vector<sigma::SigmaDocument> alone;
  for (const std::string_view chunk : Chunks(file.text)) {
    // Reading the whole file has already reported these errors, with the correct lines.
    std::vector<sigma::RuleFault> unused;
    for (sigma::SigmaDocument& document :
         sigma::ReadSigma({file.path, std::string(chunk)}, unused)) {
      documents.try_emplace(document.info.id, chunk);
      alone.push_back(std::move(document));
    }
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    const sigma::SigmaDocument& document = whole[i];
    std::string problem;
    if (document.declared_id.empty()) {
      problem = "give the rule an id: it is its key on the topic";
    } else if (whole.size() != alone.size() || alone[i].info.id != document.info.id ||
               alone[i].info.version != document.info.version) {
      problem =
          "the documents of this file share parts ('action'): write each of them whole to publish "
          "it";
    } else {
      continue;
    }
    faults.push_back(
        {file.path, document.position.line, document.position.column, std::move(problem)});
    return {};
  }
  return documents;
}

RulePublication PlanPublication(const std::vector<sigma::RuleFile>& files,
                                const PublishedRules& on_topic, bool prune,
                                std::vector<sigma::RuleFault>& faults) {
  RulePublication plan;
  PublishedRules wanted;
  std::vector<sigma::RuleFile> all = files;
  for (const sigma::RuleFile& file : files) {
    for (auto& [id, text] : SplitDocuments(file, faults)) {
      if (text.size() > kMaxRuleDocumentBytes) {
        faults.push_back({file.path, 1, 1,
                          absl::StrCat("the rule '", id, "' has more than ", kMaxRuleDocumentBytes,
                                       " bytes, the most that the topic takes")});
      }
      wanted.try_emplace(id, std::move(text));
    }
  }
  for (const auto& [id, text] : on_topic) {
    if (wanted.contains(id)) continue;
    if (prune) {
      plan.removed.push_back(id);
      continue;
    }
    plan.kept.push_back(id);
    all.push_back({absl::StrCat("(on the topic)/", id), text});
  }
  size_t bytes = 0;
  for (auto& [id, text] : wanted) {
    bytes += text.size();
    const auto known = on_topic.find(id);
    if (known == on_topic.end()) {
      plan.added.emplace(id, std::move(text));
    } else if (known->second != text) {
      plan.changed.emplace(id, std::move(text));
    } else {
      ++plan.unchanged;
    }
  }
  for (const std::string& id : plan.kept) bytes += on_topic.find(id)->second.size();
  if (bytes > kMaxRuleTopicBytes) {
    faults.push_back({"rules", 0, 0,
                      absl::StrCat(bytes, " bytes of rules are more than the ", kMaxRuleTopicBytes,
                                   " that the topic takes")});
  }
  // Compiling finds all errors of a document again, including the errors that SplitDocuments has
  // already reported. Report each error only once.
  std::vector<sigma::RuleFault> compiled;
  CompileRulePack(all, ResolveFieldName, compiled);
  for (sigma::RuleFault& fault : compiled) {
    const bool is_known = std::any_of(
        faults.begin(), faults.end(),
        [&fault](const sigma::RuleFault& known) { return known.ToString() == fault.ToString(); });
    if (!is_known) faults.push_back(std::move(fault));
  }
  return plan;
}

}  // namespace picket::detector
