#include "sigma/sigma_document.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "sigma/detection_block.h"
#include "sigma/item_fault.h"
#include "sigma/metadata_lint.h"
#include "sigma/yaml_document.h"
#include "sigma/yaml_values.h"

namespace picket::sigma {
namespace {

// The maximum total number of nodes in the documents of a file. A part that several documents share
// is counted once for each document.
constexpr size_t kMaxNodes = 5'000'000;

std::optional<Level> ParseLevel(std::string_view text) {
  if (text == "informational") return Level::kInformational;
  if (text == "low") return Level::kLow;
  if (text == "medium") return Level::kMedium;
  if (text == "high") return Level::kHigh;
  if (text == "critical") return Level::kCritical;
  return std::nullopt;
}

// Merges two maps key by key, as the legacy `action: global` requires. Values of `over` take
// precedence.
YamlNode Merged(const YamlNode& base, const YamlNode& over) {
  if (!base.IsMap() || !over.IsMap()) return over;
  YamlNode merged = base;
  merged.line = over.line;
  merged.column = over.column;
  for (const auto& [key, value] : over.pairs) {
    auto found =
        std::find_if(merged.pairs.begin(), merged.pairs.end(),
                     [&key = key](const auto& pair) { return pair.first.text == key.text; });
    if (found == merged.pairs.end()) {
      merged.pairs.push_back({key, value});
    } else {
      found->second = Merged(found->second, value);
    }
  }
  return merged;
}

void Erase(YamlNode& map, std::string_view key) {
  std::erase_if(map.pairs, [key](const auto& pair) { return pair.first.text == key; });
}

bool HasNegation(const Expression& expression) {
  if (expression.kind == Expression::Kind::kNot) return true;
  if (expression.kind == Expression::Kind::kElements &&
      expression.quantifier == Quantifier::kNone) {
    return true;
  }
  return std::any_of(expression.children.begin(), expression.children.end(),
                     [](const ExpressionPtr& child) { return HasNegation(*child); });
}

std::string VersionOf(const std::string& canonical) { return HexPrefix(Sha256(canonical), 16); }

// Reads one document and reports all errors, not only the first.
class DocumentReader {
 public:
  DocumentReader(std::string_view path, const YamlNode& root, std::vector<ItemFault>& faults)
      : path_(path), root_(root), faults_(faults) {}

  bool Read(SigmaDocument& document) {
    document.position = {root_.line, root_.column};
    WarnAboutMisspeltKeys();
    LintMetadata(root_, faults_);
    const bool has_info = ReadInfo(document);
    int version = 2;
    const bool has_version = ReadSigmaVersion(version);
    const bool has_correlation = root_.Find("correlation") != nullptr;
    const bool has_filter = root_.Find("filter") != nullptr;
    const bool has_detection = root_.Find("detection") != nullptr;
    if (has_correlation + has_filter + has_detection != 1) {
      return Fault(root_,
                   "the document needs exactly one of 'detection', 'correlation' and 'filter'");
    }
    const bool has_body = has_correlation ? ReadCorrelation(document)
                          : has_filter    ? ReadFilter(version, document)
                                          : ReadDetection(version, document);
    return has_info && has_version && has_body;
  }

 private:
  bool Fault(const YamlNode& node, std::string message) {
    faults_.push_back({node.line, node.column, std::move(message)});
    return false;
  }
  void Warn(const YamlNode& node, std::string message) {
    faults_.push_back({node.line, node.column, std::move(message), RuleFault::Severity::kWarning});
  }

  bool ReadText(const YamlNode& map, std::string_view key, std::string& out) {
    return sigma::ReadText(map, key, out, faults_);
  }
  bool ReadTexts(const YamlNode& map, std::string_view key, std::vector<std::string>& out) {
    return sigma::ReadTexts(map, key, out, faults_);
  }

  bool ReadInfo(SigmaDocument& document) {
    RuleInfo& info = document.info;
    info.file = std::string(path_);
    info.line = root_.line;
    std::vector<std::string> authors, descriptions;
    bool is_valid = ReadText(root_, "title", info.title);
    is_valid &= ReadText(root_, "id", document.declared_id);
    is_valid &= ReadText(root_, "name", info.name);
    ReadNotes(root_, "description", descriptions, faults_);
    ReadNotes(root_, "tags", info.tags, faults_);
    ReadNotes(root_, "references", info.references, faults_);
    ReadNotes(root_, "falsepositives", info.false_positives, faults_);
    ReadNotes(root_, "author", authors, faults_);
    info.description = absl::StrJoin(descriptions, "\n");
    for (const std::string& author : authors) {
      absl::StrAppend(&info.author, info.author.empty() ? "" : ", ", author);
    }
    if (info.title.empty() && is_valid) is_valid = Fault(root_, "the rule has no 'title'");
    info.id = !document.declared_id.empty() ? document.declared_id
              : !info.name.empty()          ? info.name
                                            : info.title;
    if (const YamlNode* const level = root_.Find("level"); level != nullptr && !level->IsNull()) {
      const std::string lower = LowerAscii(TrimBlanks(level->text));
      const std::optional<Level> parsed = ParseLevel(lower);
      if (parsed.has_value() && lower != level->text) {
        Warn(*level, absl::StrCat("write the level '", lower, "' in lower case"));
      }
      if (!parsed.has_value()) {
        return Fault(*level, absl::StrCat("unknown level '", level->text,
                                          "'; known are informational, low, medium, high, "
                                          "critical"));
      }
      info.level = *parsed;
    }
    return is_valid;
  }

  // Reads a version such as "1", "2.1.0" or "3". Uses only the first number.
  bool ReadSigmaVersion(int& version) {
    const YamlNode* const node = root_.Find("sigma-version");
    if (node == nullptr || node->IsNull()) return true;
    const std::string major = node->text.substr(0, node->text.find('.'));
    if (node->IsScalar() && (major == "1" || major == "2" || major == "3")) {
      version = major[0] - '0';
      return true;
    }
    return Fault(*node, absl::StrCat("Sigma version '", node->text,
                                     "' is not supported; supported are 1, 2 and 3"));
  }

  bool ReadLogSource(LogSource& logsource) {
    const YamlNode* const node = root_.Find("logsource");
    if (node == nullptr) return Fault(root_, "the rule has no 'logsource'");
    if (node->IsNull()) return true;
    if (!node->IsMap()) {
      return Fault(*node, "'logsource' must be a map with product, service or category");
    }
    bool is_valid = ReadText(*node, "product", logsource.product);
    is_valid &= ReadText(*node, "service", logsource.service);
    is_valid &= ReadText(*node, "category", logsource.category);
    for (const auto& [key, value] : node->pairs) {
      static const std::vector<std::string_view> known = {"product", "service", "category",
                                                          "definition"};
      if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
      // Ignoring a misspelt key would widen the rule.
      const std::string lower = LowerAscii(key.text);
      const auto nearest = std::find_if(known.begin(), known.end(), [&](std::string_view name) {
        const size_t distance = EditDistance(lower, name, /*allows_swaps=*/true);
        return distance <= (lower.starts_with(name[0]) ? 2 : 1);
      });
      if (nearest != known.end()) {
        is_valid =
            Fault(key, absl::StrCat("unknown key '", key.text, "' of 'logsource'; did you mean '",
                                    ToAbsl(*nearest), "'?"));
        continue;
      }
      Warn(key, absl::StrCat("'", key.text,
                             "' of 'logsource' has no effect: only product, service "
                             "and category select events"));
    }
    return is_valid;
  }

  // Warns about keys that resemble a known key. A misspelt key is not an error, because Sigma
  // allows custom keys.
  void WarnAboutMisspeltKeys() {
    static const std::vector<std::string_view> known = {
        "title",       "id",        "name",       "related",     "taxonomy",     "status",
        "description", "license",   "references", "author",      "date",         "modified",
        "logsource",   "detection", "filter",     "correlation", "fields",       "falsepositives",
        "level",       "tags",      "scope",      "action",      "sigma-version"};
    for (const auto& [key, value] : root_.pairs) {
      constexpr size_t kShortest = 5;  // many shorter words resemble a known key
      if (key.text.size() < kShortest ||
          std::find(known.begin(), known.end(), key.text) != known.end()) {
        continue;
      }
      const std::string_view nearest = NearestWord(key.text, known);
      if (nearest.empty()) continue;
      Warn(key,
           absl::StrCat("'", key.text, "' is a custom key; did you mean '", ToAbsl(nearest), "'?"));
    }
  }

  bool ReadDetection(int version, SigmaDocument& document) {
    const bool has_source = ReadLogSource(document.logsource);
    const DetectionBlockOptions options = {.sigma_version = version, .outer = &root_};
    return ReadSearch(*root_.Find("detection"), options, document) && has_source;
  }

  bool ReadFilter(int version, SigmaDocument& document) {
    document.kind = SigmaDocument::Kind::kFilter;
    const YamlNode& filter = *root_.Find("filter");
    // A filter without a log source applies to every log source.
    bool is_valid = root_.Find("logsource") == nullptr || ReadLogSource(document.logsource);
    const YamlNode* const rules = filter.Find("rules");
    if (rules == nullptr || rules->IsNull() || (rules->IsList() && rules->items.empty())) {
      Warn(rules == nullptr ? filter : *rules,
           "the filter has no 'rules': write 'rules: any' to apply it to all rules");
    } else if (!(rules->IsScalar() && rules->text == "any")) {
      std::vector<std::string> names;
      is_valid &= ReadTexts(filter, "rules", names);
      for (size_t i = 0; i < names.size(); ++i) {
        const YamlNode& at = rules->IsList() ? rules->items[i] : *rules;
        document.filter.rules.emplace_back(names[i], SourcePosition{at.line, at.column});
      }
    }
    const DetectionBlockOptions options = {
        .name = "filter", .other_key = "rules", .sigma_version = version, .outer = &root_};
    if (!ReadSearch(filter, options, document)) return false;
    if (!HasNegation(*document.expression)) {
      Warn(*filter.Find("condition"),
           "a filter's condition is joined to the rule's by 'and': without a 'not' "
           "the rule matches only what the filter selects");
    }
    return is_valid;
  }

  // Reads a block of identifiers and a condition, and sets the version of the document.
  bool ReadSearch(const YamlNode& search, const DetectionBlockOptions& options,
                  SigmaDocument& document) {
    document.expression = ReadDetectionBlock(search, options, faults_);
    if (document.expression == nullptr) return false;
    std::string canonical =
        absl::StrCat(ToAbsl(options.name), " ", static_cast<int>(document.info.level), "\n",
                     document.logsource.product, "\n", document.logsource.service, "\n",
                     document.logsource.category, "\n");
    canonical += CanonicalText(*document.expression);
    document.info.version = VersionOf(canonical);
    return true;
  }

  bool ReadCorrelation(SigmaDocument& document) {
    document.kind = SigmaDocument::Kind::kCorrelation;
    const YamlNode& block = *root_.Find("correlation");
    if (!ReadCorrelationBlock(block, root_, document.correlation, faults_)) return false;
    document.info.version = VersionOf(CanonicalText(document.correlation, document.info.level));
    return true;
  }

  const std::string_view path_;
  const YamlNode& root_;
  std::vector<ItemFault>& faults_;
};

// Returns the valid documents of a file and adds all errors and warnings to `faults`.
std::vector<SigmaDocument> ReadDocuments(const RuleFile& file, std::vector<RuleFault>& faults) {
  std::vector<SigmaDocument> documents;
  YamlNode global, previous;
  // The last `action: global` to which no rule has referred yet.
  YamlNode unused_global;
  const auto report_unused = [&] {
    if (!unused_global.IsMap()) return;
    faults.push_back(
        {file.path, unused_global.line, unused_global.column,
         "no rule follows this 'action: global', which applies only to the rules after "
         "it: move it before them"});
    unused_global = YamlNode();
  };
  size_t merged_nodes = 0;
  std::vector<YamlDocument> read = ReadYaml(file.text);
  if (read.empty()) {
    faults.push_back({file.path, 1, 1,
                      "the file contains no rule: it is empty or has only comments",
                      RuleFault::Severity::kWarning});
  }
  for (YamlDocument& yaml : read) {
    const YamlNode& root = yaml.root;
    if (!yaml.error.empty()) {
      faults.push_back({file.path, yaml.error_line, yaml.error_column, yaml.error});
      continue;
    }
    if (!root.IsMap()) {
      faults.push_back({file.path, root.line, root.column, "a rule must be a map"});
      continue;
    }
    // The key `action` is the legacy way to share parts between the documents of a file.
    YamlNode own = root;
    if (const YamlNode* const action = root.Find("action"); action != nullptr) {
      Erase(own, "action");
      if (action->text == "global") {
        global = Merged(global, own);
        unused_global = root;
        continue;
      }
      if (action->text == "reset") {
        report_unused();
        global = YamlNode();
        continue;
      }
      if (action->text != "repeat") {
        faults.push_back(
            {file.path, action->line, action->column,
             absl::StrCat("unknown action '", action->text, "'; known are global, repeat, reset")});
        continue;
      }
      if (!previous.IsMap()) {
        faults.push_back(
            {file.path, action->line, action->column, "'action: repeat' has no rule before it"});
        continue;
      }
      own = Merged(previous, own);
    } else if (global.IsMap()) {
      own = Merged(global, own);
    }
    unused_global = YamlNode();
    merged_nodes += CountNodes(own);
    if (merged_nodes > kMaxNodes) {
      faults.push_back({file.path, root.line, root.column,
                        absl::StrCat("the documents up to here have more than ", kMaxNodes,
                                     " values, shared ones counted each time: split the file")});
      return documents;
    }
    SigmaDocument document;
    std::vector<ItemFault> found;
    if (DocumentReader(file.path, own, found).Read(document)) {
      documents.push_back(std::move(document));
    }
    for (ItemFault& fault : found) {
      faults.push_back(
          {file.path, fault.line, fault.column, std::move(fault.message), fault.severity});
    }
    previous = std::move(own);
  }
  report_unused();
  return documents;
}

}  // namespace

std::vector<SigmaDocument> ReadSigma(const RuleFile& file, std::vector<RuleFault>& faults) {
  std::vector<RuleFault> found;
  std::vector<SigmaDocument> documents = ReadDocuments(file, found);
  for (RuleFault& fault : found) {
    if (fault.severity == RuleFault::Severity::kError) faults.push_back(std::move(fault));
  }
  return documents;
}

std::vector<RuleFault> LintSigma(const RuleFile& file) {
  std::vector<RuleFault> found;
  ReadDocuments(file, found);
  std::erase_if(found, [](const RuleFault& fault) {
    return fault.severity != RuleFault::Severity::kWarning;
  });
  return found;
}

}  // namespace picket::sigma
