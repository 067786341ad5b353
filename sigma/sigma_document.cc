#include "sigma/sigma_document.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "sigma/detection_block.h"
#include "sigma/modifiers.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {
namespace {

// What the documents of one file may come to, when the parts that they share are counted for each.
constexpr size_t kMaxNodes = 5'000'000;

std::optional<Level> ParseLevel(std::string_view text) {
  if (text == "informational") return Level::kInformational;
  if (text == "low") return Level::kLow;
  if (text == "medium") return Level::kMedium;
  if (text == "high") return Level::kHigh;
  if (text == "critical") return Level::kCritical;
  return std::nullopt;
}

// 30s, 5m, 1h, 7d, 2w; M and y as 30 and 365 days.
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

// `over` wins; maps are merged key by key, as the legacy `action: global` asks.
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

void AppendCanonical(const YamlNode& node, std::string& out) {
  absl::StrAppend(&out, "(", static_cast<int>(node.kind), static_cast<int>(node.type), " ",
                  node.text.size(), ":", node.text);
  for (const YamlNode& item : node.items) AppendCanonical(item, out);
  for (const auto& [key, value] : node.pairs) {
    AppendCanonical(key, out);
    AppendCanonical(value, out);
  }
  out += ')';
}

// Writes the meaning of an expression as text, for the version of a rule: no comments, no labels, no positions.
void AppendCanonical(const Expression& expression, std::string& out) {
  switch (expression.kind) {
    case Expression::Kind::kAnd:
      out += "and";
      break;
    case Expression::Kind::kOr:
      out += "or";
      break;
    case Expression::Kind::kNot:
      out += "not";
      break;
    case Expression::Kind::kElements:
      absl::StrAppend(&out, "elements ", expression.field.size(), ":", expression.field, " ",
                      static_cast<int>(expression.quantifier), " ", expression.index);
      break;
    case Expression::Kind::kPlaceholder:
      out += "item ";
      AppendCanonical(expression.placeholder->key, out);
      AppendCanonical(expression.placeholder->value, out);
      break;
    case Expression::Kind::kField:
      absl::StrAppend(&out, "field ", expression.field.size(), ":", expression.field);
      for (const Test& test : expression.tests) {
        absl::StrAppend(&out, "[", static_cast<int>(test.kind), " ", test.cased, " ",
                        test.is_number, " ", test.text.size(), ":", test.text, " ",
                        static_cast<int>(test.comparison), " ", test.number, " ",
                        static_cast<int>(test.part), " ", static_cast<int>(test.reference));
        for (const GlobPart& part : test.glob) {
          absl::StrAppend(&out, " ", static_cast<int>(part.kind), part.text.size(), ":", part.text);
        }
        out += ']';
      }
      break;
  }
  out += '(';
  for (const ExpressionPtr& child : expression.children) AppendCanonical(*child, out);
  out += ')';
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

void CollectPlaceholders(const Expression& expression, std::vector<std::string>& names) {
  if (expression.kind == Expression::Kind::kPlaceholder) {
    const std::vector<std::string>& lists = expression.placeholder->lists;
    names.insert(names.end(), lists.begin(), lists.end());
  }
  for (const ExpressionPtr& child : expression.children) CollectPlaceholders(*child, names);
}

// The expression with the values of lists in it; itself when it names none. Nullptr after a fault.
ExpressionPtr Resolved(const ExpressionPtr& expression, const ValueLists& lists,
                       std::vector<ItemFault>& faults) {
  if (expression->kind == Expression::Kind::kPlaceholder) {
    const PlaceholderItem& item = *expression->placeholder;
    return BuildItem(item.key, item.value, &lists, faults);
  }
  bool is_changed = false, is_right = true;
  std::vector<ExpressionPtr> children;
  for (const ExpressionPtr& child : expression->children) {
    children.push_back(Resolved(child, lists, faults));
    is_changed |= children.back() != child;
    is_right &= children.back() != nullptr;
  }
  if (!is_right) return nullptr;
  if (!is_changed) return expression;
  auto resolved = std::make_shared<Expression>(*expression);
  resolved->children = std::move(children);
  return resolved;
}

std::string VersionOf(const std::string& canonical) { return HexPrefix(Sha256(canonical), 16); }

// Reads one document; every fault is reported.
class DocumentReader {
 public:
  DocumentReader(const RuleFile& file, const YamlNode& root, std::vector<RuleFault>& faults)
      : file_(file), root_(root), faults_(faults) {}

  bool Read(SigmaDocument& document) {
    document.position = {root_.line, root_.column};
    WarnOfMistypedKeys();
    const bool has_info = ReadInfo(document);
    int version = 2;
    const bool has_version = ReadSigmaVersion(version);
    const bool has_correlation = root_.Find("correlation") != nullptr;
    const bool has_filter = root_.Find("filter") != nullptr;
    const bool has_detection = root_.Find("detection") != nullptr;
    if (has_correlation + has_filter + has_detection != 1) {
      return Fault(root_, "the document needs one of 'detection', 'correlation' and 'filter'");
    }
    const bool has_body = has_correlation ? ReadCorrelation(document)
                          : has_filter    ? ReadFilter(version, document)
                                          : ReadDetection(version, document);
    return has_info && has_version && has_body;
  }

 private:
  bool Fault(const YamlNode& node, std::string message) {
    return Fault(node.line, node.column, std::move(message));
  }
  bool Fault(int line, int column, std::string message) {
    faults_.push_back({file_.path, line, column, std::move(message)});
    return false;
  }

  // The text under a key, if the key is there.
  bool ReadText(const YamlNode& map, std::string_view key, std::string& out) {
    const YamlNode* const node = map.Find(key);
    if (node == nullptr || node->IsNull()) return true;
    if (!node->IsScalar()) return Fault(*node, absl::StrCat("'", ToAbsl(key), "' must be text"));
    out = node->text;
    return true;
  }
  bool ReadTexts(const YamlNode& map, std::string_view key, std::vector<std::string>& out) {
    const YamlNode* const node = map.Find(key);
    if (node == nullptr || node->IsNull()) return true;
    if (node->IsScalar()) {
      out.push_back(node->text);
      return true;
    }
    if (!node->IsList()) {
      return Fault(*node, absl::StrCat("'", ToAbsl(key), "' must be a list of texts"));
    }
    for (const YamlNode& item : node->items) {
      if (!item.IsScalar()) {
        return Fault(item, absl::StrCat("'", ToAbsl(key), "' must hold only texts"));
      }
      out.push_back(item.text);
    }
    return true;
  }

  bool ReadInfo(SigmaDocument& document) {
    RuleInfo& info = document.info;
    info.file = file_.path;
    info.line = root_.line;
    std::vector<std::string> authors;
    bool is_right = ReadText(root_, "title", info.title);
    is_right &= ReadText(root_, "id", document.declared_id);
    is_right &= ReadText(root_, "name", info.name);
    is_right &= ReadText(root_, "description", info.description);
    is_right &= ReadTexts(root_, "tags", info.tags);
    is_right &= ReadTexts(root_, "references", info.references);
    is_right &= ReadTexts(root_, "falsepositives", info.false_positives);
    is_right &= ReadTexts(root_, "author", authors);
    for (const std::string& author : authors) {
      absl::StrAppend(&info.author, info.author.empty() ? "" : ", ", author);
    }
    if (info.title.empty() && is_right) is_right = Fault(root_, "the rule has no 'title'");
    info.id = !document.declared_id.empty() ? document.declared_id
              : !info.name.empty()          ? info.name
                                            : info.title;
    if (const YamlNode* const level = root_.Find("level"); level != nullptr && !level->IsNull()) {
      const std::optional<Level> parsed = ParseLevel(level->text);
      if (!parsed.has_value()) {
        return Fault(*level, absl::StrCat("unknown level '", level->text,
                                          "'; known are informational, low, medium, high, "
                                          "critical"));
      }
      info.level = *parsed;
    }
    return is_right;
  }

  // 1, 2.1.0, 3: the first number counts.
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
    bool is_right = ReadText(*node, "product", logsource.product);
    is_right &= ReadText(*node, "service", logsource.service);
    is_right &= ReadText(*node, "category", logsource.category);
    // What is left out widens the rule.
    for (const auto& [key, value] : node->pairs) {
      static const std::vector<std::string_view> known = {"product", "service", "category",
                                                          "definition"};
      if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
      is_right = Fault(key, absl::StrCat("unknown key '", key.text, "' of 'logsource'; known are ",
                                         "product, service, category and definition"));
    }
    return is_right;
  }

  // Keys of one's own are Sigma's way to keep what else belongs to a rule; a slip of the pen looks like one.
  void WarnOfMistypedKeys() {
    static const std::vector<std::string_view> known = {
        "title",       "id",        "name",       "related",     "taxonomy",     "status",
        "description", "license",   "references", "author",      "date",         "modified",
        "logsource",   "detection", "filter",     "correlation", "fields",       "falsepositives",
        "level",       "tags",      "scope",      "action",      "sigma-version"};
    for (const auto& [key, value] : root_.pairs) {
      constexpr size_t kShortest = 5;  // shorter words have neighbours that are words
      if (key.text.size() < kShortest ||
          std::find(known.begin(), known.end(), key.text) != known.end()) {
        continue;
      }
      const std::string_view nearest = NearestWord(key.text, known);
      if (nearest.empty()) continue;
      faults_.push_back({file_.path, key.line, key.column,
                         absl::StrCat("'", key.text, "' is a key of your own; did you mean '",
                                      ToAbsl(nearest), "'?"),
                         RuleFault::Severity::kWarning});
    }
  }

  bool ReadDetection(int version, SigmaDocument& document) {
    const bool has_source = ReadLogSource(document.logsource);
    return ReadSearch(*root_.Find("detection"), {.sigma_version = version}, document) && has_source;
  }

  bool ReadFilter(int version, SigmaDocument& document) {
    document.kind = SigmaDocument::Kind::kFilter;
    const YamlNode& filter = *root_.Find("filter");
    // Without a log source it covers all.
    bool is_right = root_.Find("logsource") == nullptr || ReadLogSource(document.logsource);
    const YamlNode* const rules = filter.Find("rules");
    if (rules == nullptr || rules->IsNull() || (rules->IsList() && rules->items.empty())) {
      const YamlNode& at = rules == nullptr ? filter : *rules;
      faults_.push_back({file_.path, at.line, at.column,
                         "the filter names no 'rules': write 'rules: any' if it is for all of them",
                         RuleFault::Severity::kWarning});
    } else if (!(rules->IsScalar() && rules->text == "any")) {
      std::vector<std::string> names;
      is_right &= ReadTexts(filter, "rules", names);
      for (size_t i = 0; i < names.size(); ++i) {
        const YamlNode& at = rules->IsList() ? rules->items[i] : *rules;
        document.filter.rules.emplace_back(names[i], SourcePosition{at.line, at.column});
      }
    }
    const DetectionBlockOptions options = {
        .name = "filter", .other_key = "rules", .sigma_version = version};
    if (!ReadSearch(filter, options, document)) return false;
    if (!HasNegation(*document.expression)) {
      const YamlNode& condition = *filter.Find("condition");
      faults_.push_back({file_.path, condition.line, condition.column,
                         "a filter's condition is joined to the rule's by 'and': without a 'not' "
                         "the rule matches only what the filter selects",
                         RuleFault::Severity::kWarning});
    }
    return is_right;
  }

  // Identifiers and a condition over them.
  bool ReadSearch(const YamlNode& search, const DetectionBlockOptions& options,
                  SigmaDocument& document) {
    std::vector<ItemFault> faults;
    document.expression = ReadDetectionBlock(search, options, faults);
    for (ItemFault& fault : faults) {
      faults_.push_back(
          {file_.path, fault.line, fault.column, std::move(fault.message), fault.severity});
    }
    if (document.expression == nullptr) return false;
    std::string canonical =
        absl::StrCat(ToAbsl(options.name), " ", static_cast<int>(document.info.level), "\n",
                     document.logsource.product, "\n", document.logsource.service, "\n",
                     document.logsource.category, "\n");
    AppendCanonical(*document.expression, canonical);
    document.info.version = VersionOf(canonical);
    return true;
  }

  bool ReadCorrelation(SigmaDocument& document) {
    document.kind = SigmaDocument::Kind::kCorrelation;
    const YamlNode& node = *root_.Find("correlation");
    if (!node.IsMap()) return Fault(node, "'correlation' must be a map");
    CorrelationSpec& spec = document.correlation;
    bool is_right = true;
    for (const auto& [key, value] : node.pairs) {
      if (key.text != "type" && key.text != "rules" && key.text != "group-by" &&
          key.text != "timespan" && key.text != "timeframe" && key.text != "aliases" &&
          key.text != "condition" && key.text != "generate") {
        is_right = Fault(key, absl::StrCat("unknown key '", key.text,
                                           "' in 'correlation'; known are type, rules, group-by, "
                                           "timespan, aliases, condition, generate"));
      }
    }
    const bool has_type = ReadCorrelationType(node, spec);
    const bool has_rules = ReadCountedRules(node, spec);
    is_right &= has_type && has_rules;
    is_right &= ReadTexts(node, "group-by", spec.group_by);
    is_right &= ReadTimespan(node, spec);
    is_right &= ReadGenerate(node, spec);
    // Judged by the type and the rules: without them there is nothing to say.
    is_right = is_right & (!has_rules || ReadAliases(node, spec));
    is_right = is_right & (!has_type || ReadCountCondition(node, spec));
    if (!is_right) return false;
    std::string canonical = absl::StrCat(
        "correlation ", static_cast<int>(document.info.level), " ", static_cast<int>(spec.type),
        " ", absl::FormatDuration(spec.timespan), " ", spec.generate, "\n");
    for (const auto& [name, position] : spec.rules)
      absl::StrAppend(&canonical, "rule ", name, "\n");
    for (const std::string& name : spec.group_by) absl::StrAppend(&canonical, "by ", name, "\n");
    for (const auto& [alias, fields] : spec.aliases) {
      for (const auto& [rule, field] : fields) {
        absl::StrAppend(&canonical, "alias ", alias, " ", rule, " ", field, "\n");
      }
    }
    for (const CountCondition& condition : spec.conditions) {
      absl::StrAppend(&canonical, "if ", static_cast<int>(condition.comparison), " ",
                      condition.value, "\n");
    }
    absl::StrAppend(&canonical, "of ", spec.value_field);
    document.info.version = VersionOf(canonical);
    return true;
  }

  bool ReadCorrelationType(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const type = node.Find("type");
    if (type == nullptr || !type->IsScalar()) return Fault(node, "the correlation has no 'type'");
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
    if (rules == nullptr || rules->IsNull()) return Fault(node, "the correlation has no 'rules'");
    std::vector<std::string> names;
    if (!ReadTexts(node, "rules", names)) return false;
    if (names.empty()) return Fault(*rules, "'rules' is empty");
    bool is_right = true;
    for (size_t i = 0; i < names.size(); ++i) {
      const YamlNode& at = rules->IsList() ? rules->items[i] : *rules;
      if (std::find(names.begin(), names.begin() + i, names[i]) != names.begin() + i) {
        is_right = Fault(at, absl::StrCat("the rule '", names[i], "' is listed twice"));
      }
      spec.rules.emplace_back(names[i], SourcePosition{at.line, at.column});
    }
    return is_right;
  }

  bool ReadTimespan(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* timespan = node.Find("timespan");
    if (timespan == nullptr) timespan = node.Find("timeframe");  // the older name
    if (timespan == nullptr) return Fault(node, "the correlation has no 'timespan'");
    const std::optional<absl::Duration> parsed =
        timespan->IsScalar() ? ParseTimespan(timespan->text) : std::nullopt;
    if (!parsed.has_value()) {
      return Fault(*timespan, absl::StrCat("'", timespan->text,
                                           "' is no timespan: write a number and s, m, h, d, w, M "
                                           "or y, such as 10m"));
    }
    spec.timespan = *parsed;
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
    bool is_right = true;
    for (const auto& [alias, fields] : aliases->pairs) {
      if (!fields.IsMap()) {
        is_right = Fault(fields, absl::StrCat("alias '", alias.text,
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
          is_right = Fault(rule, absl::StrCat("alias '", alias.text, "' names the rule '",
                                              rule.text, "', which is not among 'rules'"));
        }
        if (!field.IsScalar() || field.text.empty()) {
          is_right = Fault(field, absl::StrCat("alias '", alias.text, "' must name a field"));
          continue;
        }
        by_rule.emplace_back(rule.text, field.text);
      }
    }
    return is_right;
  }

  bool ReadCountCondition(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const condition = node.Find("condition");
    if (condition == nullptr) return Fault(node, "the correlation has no 'condition'");
    if (!condition->IsMap()) {
      return Fault(*condition, "'condition' must be a map such as {gte: 10}");
    }
    bool is_right = true, compares = false;
    for (const auto& [key, value] : condition->pairs) {
      if (key.text == "field") {
        if (spec.type == CorrelationType::kEventCount) {
          is_right = Fault(key, "event_count counts events: 'field' belongs to value_count");
        } else if (!value.IsScalar() || value.text.empty()) {
          is_right = Fault(value, "'field' takes the name of one field");
        } else {
          spec.value_field = value.text;
        }
        continue;
      }
      compares = true;  // rightly or not
      const std::optional<Comparison> comparison = ParseComparison(key.text);
      if (!comparison.has_value()) {
        is_right = Fault(key, absl::StrCat("unknown comparison '", key.text,
                                           "'; known are gt, gte, lt, lte, eq, neq"));
        continue;
      }
      int64_t count = 0;
      if (!value.IsScalar() || value.type != YamlNode::Type::kNumber ||
          !absl::SimpleAtoi(value.text, &count) || count < 0) {
        is_right = Fault(
            value, absl::StrCat("'", key.text, "' takes a whole number, not '", value.text, "'"));
        continue;
      }
      spec.conditions.push_back({*comparison, count});
    }
    if (!compares) {
      is_right = Fault(*condition,
                       "the condition compares nothing: give one of gt, gte, lt, lte, eq, neq");
    }
    if (spec.type == CorrelationType::kValueCount && condition->Find("field") == nullptr) {
      is_right = Fault(*condition, "value_count needs 'field' in its condition");
    }
    return is_right;
  }

  const RuleFile& file_;
  const YamlNode& root_;
  std::vector<RuleFault>& faults_;
};

// Documents, and all faults with warnings.
std::vector<SigmaDocument> ReadDocuments(const RuleFile& file, std::vector<RuleFault>& faults) {
  std::vector<SigmaDocument> documents;
  YamlNode global, previous;
  size_t merged_nodes = 0;
  for (YamlDocument& yaml : ReadYaml(file.text)) {
    const YamlNode& root = yaml.root;
    if (!yaml.error.empty()) {
      faults.push_back({file.path, yaml.error_line, yaml.error_column, yaml.error});
      continue;
    }
    if (!root.IsMap()) {
      faults.push_back({file.path, root.line, root.column, "a rule must be a map"});
      continue;
    }
    // The legacy way to share parts between the documents of a file.
    YamlNode own = root;
    if (const YamlNode* const action = root.Find("action"); action != nullptr) {
      Erase(own, "action");
      if (action->text == "global") {
        global = Merged(global, own);
        continue;
      }
      if (action->text == "reset") {
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
    merged_nodes += CountNodes(own);
    if (merged_nodes > kMaxNodes) {
      faults.push_back({file.path, root.line, root.column,
                        absl::StrCat("the documents up to here have more than ", kMaxNodes,
                                     " values, shared ones counted each time: split the file")});
      return documents;
    }
    SigmaDocument document;
    if (DocumentReader(file, own, faults).Read(document)) documents.push_back(std::move(document));
    previous = std::move(own);
  }
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

std::string CanonicalText(const Expression& expression) {
  std::string text;
  AppendCanonical(expression, text);
  return text;
}

std::vector<std::string> PlaceholdersOf(const SigmaDocument& document) {
  std::vector<std::string> names;
  if (document.expression != nullptr) CollectPlaceholders(*document.expression, names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool ResolvePlaceholders(const ValueLists& lists, SigmaDocument& document,
                         std::vector<RuleFault>& faults) {
  if (document.expression == nullptr) return true;
  std::vector<ItemFault> found;
  ExpressionPtr resolved = Resolved(document.expression, lists, found);
  for (ItemFault& fault : found) {
    if (fault.severity != RuleFault::Severity::kError) continue;
    faults.push_back({document.info.file, fault.line, fault.column, std::move(fault.message)});
  }
  if (resolved == nullptr) return false;
  document.expression = std::move(resolved);
  return true;
}

}  // namespace picket::sigma
