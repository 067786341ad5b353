#include "detector/sigma_document.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "detector/condition.h"
#include "detector/modifiers.h"
#include "detector/yaml_document.h"

namespace picket::detector {
namespace {

// A rule with more identifiers, items or values than this is a mistake or an attack.
constexpr size_t kMaxTests = 200'000;

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

size_t CountTests(const Expression& expression, size_t limit) {
  size_t count = 1 + expression.tests.size();
  for (const ExpressionPtr& child : expression.children) {
    if (count > limit) return count;
    count += CountTests(*child, limit - count);
  }
  return count;
}

std::string VersionOf(const std::string& canonical) { return HexPrefix(Sha256(canonical), 16); }

// Reads one document; the first fault ends it.
class DocumentReader {
 public:
  DocumentReader(const RuleFile& file, const YamlNode& root, std::vector<RuleFault>& faults)
      : file_(file), root_(root), faults_(faults) {}

  bool Read(SigmaDocument& document) {
    document.position = {root_.line, root_.column};
    if (!ReadInfo(document)) return false;
    const bool has_correlation = root_.Find("correlation") != nullptr;
    if (const YamlNode* const version = root_.Find("sigma-version");
        version != nullptr && !version->text.starts_with('1') && !version->text.starts_with('2')) {
      return Fault(*version, absl::StrCat("Sigma version '", version->text,
                                          "' is not supported; supported are 1 and 2"));
    }
    const bool has_filter = root_.Find("filter") != nullptr;
    const bool has_detection = root_.Find("detection") != nullptr;
    if (has_correlation + has_filter + has_detection != 1) {
      return Fault(root_, "the document needs one of 'detection', 'correlation' and 'filter'");
    }
    if (has_correlation) return ReadCorrelation(document);
    if (has_filter) return ReadFilter(document);
    return ReadDetection(document);
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
    if (!ReadText(root_, "title", info.title) || !ReadText(root_, "id", document.declared_id) ||
        !ReadText(root_, "name", info.name) || !ReadText(root_, "description", info.description) ||
        !ReadTexts(root_, "tags", info.tags) || !ReadTexts(root_, "references", info.references) ||
        !ReadTexts(root_, "falsepositives", info.false_positives)) {
      return false;
    }
    std::vector<std::string> authors;
    if (!ReadTexts(root_, "author", authors)) return false;
    for (const std::string& author : authors) {
      absl::StrAppend(&info.author, info.author.empty() ? "" : ", ", author);
    }
    if (info.title.empty()) return Fault(root_, "the rule has no 'title'");
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
    return true;
  }

  bool ReadLogSource(LogSource& logsource) {
    const YamlNode* const node = root_.Find("logsource");
    if (node == nullptr) return Fault(root_, "the rule has no 'logsource'");
    if (node->IsNull()) return true;
    if (!node->IsMap()) {
      return Fault(*node, "'logsource' must be a map with product, service or category");
    }
    return ReadText(*node, "product", logsource.product) &&
           ReadText(*node, "service", logsource.service) &&
           ReadText(*node, "category", logsource.category);
  }

  bool ReadDetection(SigmaDocument& document) {
    const YamlNode& detection = *root_.Find("detection");
    if (!ReadLogSource(document.logsource)) return false;
    return ReadSearch("detection", detection, document);
  }

  bool ReadFilter(SigmaDocument& document) {
    document.kind = SigmaDocument::Kind::kFilter;
    const YamlNode& filter = *root_.Find("filter");
    if (root_.Find("logsource") != nullptr && !ReadLogSource(document.logsource)) return false;
    const YamlNode* const rules = filter.Find("rules");
    if (rules != nullptr && !(rules->IsScalar() && rules->text == "any")) {
      std::vector<std::string> names;
      if (!ReadTexts(filter, "rules", names)) return false;
      for (size_t i = 0; i < names.size(); ++i) {
        const YamlNode& at = rules->IsList() ? rules->items[i] : *rules;
        document.filter.rules.emplace_back(names[i], SourcePosition{at.line, at.column});
      }
    }
    return ReadSearch("filter", filter, document);
  }

  // Identifiers and a condition over them.
  bool ReadSearch(std::string_view block, const YamlNode& search, SigmaDocument& document) {
    if (!search.IsMap()) return Fault(search, absl::StrCat("'", ToAbsl(block), "' must be a map"));
    Identifiers identifiers;
    const YamlNode* condition = nullptr;
    for (const auto& [key, value] : search.pairs) {
      if (key.text == "condition") {
        condition = &value;
        continue;
      }
      if (key.text == "rules" && block == "filter") continue;
      if (key.text == "timeframe") {
        return Fault(key,
                     "'timeframe' belongs to aggregations, which are not part of Sigma 2: "
                     "write a correlation document");
      }
      ExpressionPtr expression = ReadIdentifier(key, value);
      if (expression == nullptr) return false;
      identifiers.emplace_back(key.text, std::move(expression));
    }
    if (condition == nullptr) {
      return Fault(search, absl::StrCat("'", ToAbsl(block), "' has no 'condition'"));
    }
    document.expression = ReadConditions(*condition, identifiers);
    if (document.expression == nullptr) return false;
    if (CountTests(*document.expression, kMaxTests) > kMaxTests) {
      return Fault(*condition, absl::StrCat("the rule has more than ", kMaxTests, " tests"));
    }
    std::string canonical = absl::StrCat(
        ToAbsl(block), " ", static_cast<int>(document.info.level), "\n", document.logsource.product,
        "\n", document.logsource.service, "\n", document.logsource.category, "\n");
    AppendCanonical(*document.expression, canonical);
    document.info.version = VersionOf(canonical);
    return true;
  }

  ExpressionPtr ReadConditions(const YamlNode& node, const Identifiers& identifiers) {
    if (node.IsScalar()) return ReadCondition(node, identifiers);
    if (!node.IsList() || node.items.empty()) {
      Fault(node, "'condition' must be text or a list of texts");
      return nullptr;
    }
    auto any = std::make_shared<Expression>();
    any->kind = Expression::Kind::kOr;
    for (const YamlNode& item : node.items) {
      if (!item.IsScalar()) {
        Fault(item, "'condition' must be text or a list of texts");
        return nullptr;
      }
      any->children.push_back(ReadCondition(item, identifiers));
      if (any->children.back() == nullptr) return nullptr;
    }
    return any;
  }

  ExpressionPtr ReadCondition(const YamlNode& node, const Identifiers& identifiers) {
    ConditionError error;
    ExpressionPtr expression = ParseCondition(node.text, identifiers, error);
    if (expression == nullptr) {
      // A condition over several lines gets the place where it begins.
      const bool one_line = node.text.find('\n') == std::string::npos;
      const size_t offset = one_line ? error.offset + (node.quoted ? 1 : 0) : 0;
      Fault(node.line, node.column + static_cast<int>(offset), error.message);
    }
    return expression;
  }

  ExpressionPtr ReadIdentifier(const YamlNode& key, const YamlNode& value) {
    if (key.text.empty()) {
      Fault(key, "an identifier of 'detection' has no name");
      return nullptr;
    }
    if (value.IsMap()) return ReadMap(key.text, value);
    if (value.IsScalar()) return ReadKeywords(key, value);
    if (value.items.empty()) {
      Fault(value, absl::StrCat("'", key.text, "' is an empty list"));
      return nullptr;
    }
    // A list of maps is an OR of them; scalars in it are keywords.
    auto any = std::make_shared<Expression>();
    any->kind = Expression::Kind::kOr;
    any->label = key.text;
    YamlNode keywords;
    keywords.kind = YamlNode::Kind::kList;
    keywords.line = value.line;
    keywords.column = value.column;
    for (const YamlNode& item : value.items) {
      if (item.IsScalar()) {
        keywords.items.push_back(item);
        continue;
      }
      if (!item.IsMap()) {
        Fault(item, absl::StrCat("'", key.text, "' may hold maps and texts, not a list in a list"));
        return nullptr;
      }
      any->children.push_back(ReadMap(key.text, item));
      if (any->children.back() == nullptr) return nullptr;
    }
    if (!keywords.items.empty()) {
      any->children.push_back(ReadKeywords(key, keywords));
      if (any->children.back() == nullptr) return nullptr;
    }
    return any;
  }

  ExpressionPtr ReadKeywords(const YamlNode& key, const YamlNode& value) {
    YamlNode no_field;
    no_field.line = key.line;
    no_field.column = key.column;
    return ReadItem(no_field, value);
  }

  ExpressionPtr ReadMap(const std::string& identifier, const YamlNode& map) {
    auto all = std::make_shared<Expression>();
    all->kind = Expression::Kind::kAnd;
    all->label = identifier;
    if (map.pairs.empty()) {
      Fault(map, absl::StrCat("'", identifier, "' is empty"));
      return nullptr;
    }
    for (const auto& [key, value] : map.pairs) {
      all->children.push_back(ReadItem(key, value));
      if (all->children.back() == nullptr) return nullptr;
    }
    return all;
  }

  ExpressionPtr ReadItem(const YamlNode& key, const YamlNode& value) {
    ItemError error;
    ExpressionPtr expression = BuildItem(key, value, error);
    if (expression == nullptr) Fault(error.line, error.column, std::move(error.message));
    return expression;
  }

  bool ReadCorrelation(SigmaDocument& document) {
    document.kind = SigmaDocument::Kind::kCorrelation;
    const YamlNode& node = *root_.Find("correlation");
    if (!node.IsMap()) return Fault(node, "'correlation' must be a map");
    CorrelationSpec& spec = document.correlation;
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
    for (const auto& [key, value] : node.pairs) {
      if (key.text != "type" && key.text != "rules" && key.text != "group-by" &&
          key.text != "timespan" && key.text != "timeframe" && key.text != "aliases" &&
          key.text != "condition" && key.text != "generate") {
        return Fault(key, absl::StrCat("unknown key '", key.text,
                                       "' in 'correlation'; known are type, rules, group-by, "
                                       "timespan, aliases, condition, generate"));
      }
    }
    const YamlNode* const rules = node.Find("rules");
    if (rules == nullptr || rules->IsNull()) return Fault(node, "the correlation has no 'rules'");
    std::vector<std::string> names;
    if (!ReadTexts(node, "rules", names)) return false;
    for (size_t i = 0; i < names.size(); ++i) {
      const YamlNode& at = rules->IsList() ? rules->items[i] : *rules;
      for (size_t k = 0; k < i; ++k) {
        if (names[k] == names[i]) {
          return Fault(at, absl::StrCat("the rule '", names[i], "' is listed twice"));
        }
      }
      spec.rules.emplace_back(names[i], SourcePosition{at.line, at.column});
    }
    if (spec.rules.empty()) return Fault(*rules, "'rules' is empty");
    if (!ReadTexts(node, "group-by", spec.group_by)) return false;
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
    if (const YamlNode* const generate = node.Find("generate"); generate != nullptr) {
      if (!generate->IsScalar() || generate->type != YamlNode::Type::kBool) {
        return Fault(*generate, "'generate' must be true or false");
      }
      spec.generate = EqualsIgnoreCase(generate->text, "true");
    }
    if (!ReadAliases(node, spec) || !ReadCountCondition(node, spec)) return false;
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

  bool ReadAliases(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const aliases = node.Find("aliases");
    if (aliases == nullptr || aliases->IsNull()) return true;
    if (!aliases->IsMap()) return Fault(*aliases, "'aliases' must be a map");
    for (const auto& [alias, fields] : aliases->pairs) {
      if (!fields.IsMap()) {
        return Fault(fields, absl::StrCat("alias '", alias.text,
                                          "' must be a map of rule name to field name"));
      }
      auto& [name, by_rule] = spec.aliases.emplace_back();
      name = alias.text;
      for (const auto& [rule, field] : fields.pairs) {
        const bool listed =
            std::any_of(spec.rules.begin(), spec.rules.end(),
                        [&rule = rule](const auto& r) { return r.first == rule.text; });
        if (!listed) {
          return Fault(rule, absl::StrCat("alias '", alias.text, "' names the rule '", rule.text,
                                          "', which is not among 'rules'"));
        }
        if (!field.IsScalar() || field.text.empty()) {
          return Fault(field, absl::StrCat("alias '", alias.text, "' must name a field"));
        }
        by_rule.emplace_back(rule.text, field.text);
      }
    }
    return true;
  }

  bool ReadCountCondition(const YamlNode& node, CorrelationSpec& spec) {
    const YamlNode* const condition = node.Find("condition");
    if (condition == nullptr) return Fault(node, "the correlation has no 'condition'");
    if (!condition->IsMap()) {
      return Fault(*condition, "'condition' must be a map such as {gte: 10}");
    }
    for (const auto& [key, value] : condition->pairs) {
      if (key.text == "field") {
        if (spec.type == CorrelationType::kEventCount) {
          return Fault(key, "event_count counts events: 'field' belongs to value_count");
        }
        if (!value.IsScalar() || value.text.empty()) {
          return Fault(value, "'field' takes the name of one field");
        }
        spec.value_field = value.text;
        continue;
      }
      const std::optional<Comparison> comparison = ParseComparison(key.text);
      if (!comparison.has_value()) {
        return Fault(key, absl::StrCat("unknown comparison '", key.text,
                                       "'; known are gt, gte, lt, lte, eq, neq"));
      }
      int64_t count = 0;
      if (!value.IsScalar() || value.type != YamlNode::Type::kNumber ||
          !absl::SimpleAtoi(value.text, &count) || count < 0) {
        return Fault(value,
                     absl::StrCat("'", key.text, "' takes a whole number, not '", value.text, "'"));
      }
      spec.conditions.push_back({*comparison, count});
    }
    if (spec.conditions.empty()) {
      return Fault(*condition,
                   "the condition compares nothing: give one of gt, gte, lt, lte, eq, "
                   "neq");
    }
    if (spec.type == CorrelationType::kValueCount && spec.value_field.empty()) {
      return Fault(*condition, "value_count needs 'field' in its condition");
    }
    return true;
  }

  const RuleFile& file_;
  const YamlNode& root_;
  std::vector<RuleFault>& faults_;
};

}  // namespace

std::vector<SigmaDocument> ReadSigma(const RuleFile& file, std::vector<RuleFault>& faults) {
  std::vector<SigmaDocument> documents;
  YamlNode global, previous;
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
    SigmaDocument document;
    if (DocumentReader(file, own, faults).Read(document)) documents.push_back(std::move(document));
    previous = std::move(own);
  }
  return documents;
}

}  // namespace picket::detector
