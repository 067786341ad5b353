#include "detector/matching/rule_set.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "detector/matching/compiled_rules.h"
#include "detector/matching/correlation_compiler.h"
#include "detector/matching/rule_compiler.h"
#include "detector/matching/rule_index.h"
#include "sigma/filters.h"
#include "sigma/placeholders.h"
#include "sigma/rule_names.h"

namespace picket::detector {
namespace {

// The documents of a set by kind. Detections and correlations have distinct ids.
struct SortedDocuments {
  std::vector<sigma::SigmaDocument> detections, correlations, filters;
  sigma::RuleNames names;  // names of detections and correlations
};

// Sorts the documents by kind and moves them out of `documents`. Documents with unresolved
// placeholders or a duplicate id are left out and reported in `faults`.
SortedDocuments Sort(std::vector<sigma::SigmaDocument>& documents, const sigma::ValueLists& lists,
                     std::vector<sigma::RuleFault>& faults) {
  SortedDocuments sorted;
  // Maps each id to the place of the first rule with this id.
  std::map<std::string, std::string, std::less<>> ids;
  for (sigma::SigmaDocument& document : documents) {
    if (!sigma::ResolvePlaceholders(lists, document, faults)) continue;
    if (document.kind == sigma::SigmaDocument::Kind::kFilter) {
      sorted.filters.push_back(std::move(document));
      continue;
    }
    const auto [first, is_new] = ids.try_emplace(
        document.info.id, absl::StrCat(document.info.file, ":", document.position.line));
    if (!is_new) {
      faults.push_back(sigma::FaultAt(
          document, document.position,
          absl::StrCat(
              document.declared_id.empty() ? "without an id the rule is known as '" : "the id '",
              document.info.id, "', which is taken by ", first->second,
              ": give every rule an id of its own")));
      continue;
    }
    const bool is_correlation = document.kind == sigma::SigmaDocument::Kind::kCorrelation;
    std::vector<sigma::SigmaDocument>& kind =
        is_correlation ? sorted.correlations : sorted.detections;
    const auto index = static_cast<uint32_t>(kind.size());
    sorted.names.Add(document.declared_id, index, is_correlation);
    sorted.names.Add(document.info.name, index, is_correlation);
    sorted.names.AddSecond(document.info.title, index, is_correlation);
    // A correlation and the rule that it counts are usually in one file, which names the rule.
    if (!is_correlation) {
      sorted.names.AddSecond(sigma::FileStem(document.info.file), index, is_correlation);
    }
    kind.push_back(std::move(document));
  }
  return sorted;
}

}  // namespace

std::vector<EventPath> LiteralFieldName(std::string_view name) {
  if (name.empty()) return {EventPath()};  // keywords search the whole event
  std::vector<std::string> segments = absl::StrSplit(ToAbsl(name), '.');
  const bool is_path = std::none_of(segments.begin(), segments.end(),
                                    [](const std::string& segment) { return segment.empty(); });
  EventPath path;
  // One path is enough, although events may join several segments to one key with dots:
  // EventReader::Child finds such keys at every level.
  path.segments = is_path ? std::move(segments) : std::vector<std::string>{std::string(name)};
  return {std::move(path)};
}

RuleSet::Compiled::Compiled() = default;
RuleSet::Compiled::~Compiled() = default;
RuleSet::RuleSet() : compiled_(std::make_unique<Compiled>()) {}
RuleSet::~RuleSet() = default;
absl::Span<const DetectionRule> RuleSet::rules() const { return compiled_->rules; }
absl::Span<const CorrelationRule> RuleSet::correlations() const { return compiled_->correlations; }

std::shared_ptr<const RuleSet> RuleSet::Compile(const std::vector<sigma::RuleFile>& files,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists) {
  std::vector<sigma::SigmaDocument> documents;
  for (const sigma::RuleFile& file : files) {
    for (sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      documents.push_back(std::move(document));
    }
  }
  return Compile(std::move(documents), resolve, faults, lists);
}

std::shared_ptr<const RuleSet> RuleSet::Compile(std::vector<sigma::SigmaDocument> documents,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists) {
  std::shared_ptr<RuleSet> set(new RuleSet);
  SortedDocuments sorted = Sort(documents, lists, faults);
  for (const sigma::SigmaDocument& filter : sorted.filters) {
    sigma::ApplyFilter(filter, sorted.names, sorted.detections, faults);
  }
  RuleCompiler compiler(*set->compiled_, resolve);
  // Keep all documents until the last document has been compiled. If each document were freed after
  // use, the compiled rules would be scattered over the resulting gaps in memory, and matching an
  // event would take up to 1.7 times as long.
  for (const sigma::SigmaDocument& document : sorted.detections) compiler.AddRule(document);
  sorted.detections.clear();
  CompileCorrelations(sorted.correlations, sorted.names, compiler, *set->compiled_, faults);
  compiler.Finish();
  return set;
}

std::shared_ptr<const RuleSet> RuleSet::CompileElementRules(
    const std::vector<sigma::ExpressionPtr>& rules) {
  // An element is matched as the only member of an object. The key of the member is empty.
  const FieldResolver resolve = [](std::string_view name) {
    std::vector<EventPath> paths = {EventPath()};
    if (name != sigma::kElementItself) {
      paths = LiteralFieldName(name);
      // A rule may use Microsoft's spelling `Name` or `Value`, but the normaliser writes these keys
      // of a list's elements in lower case. Therefore, both spellings are tried.
      const std::string lower = LowerAscii(name);
      if (lower != name) paths.push_back(LiteralFieldName(lower)[0]);
    }
    for (EventPath& path : paths) path.segments.insert(path.segments.begin(), "");
    return paths;
  };
  std::shared_ptr<RuleSet> set(new RuleSet);
  RuleCompiler compiler(*set->compiled_, resolve);
  for (const sigma::ExpressionPtr& rule : rules) {
    sigma::SigmaDocument document;
    document.expression = rule;
    compiler.AddRule(document);
  }
  compiler.Finish();
  return set;
}

}  // namespace picket::detector
