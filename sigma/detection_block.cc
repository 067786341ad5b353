#include "sigma/detection_block.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "sigma/condition.h"
#include "sigma/search_item.h"

namespace picket::sigma {
namespace {

// The maximum number of tests in a rule. A rule with more tests is a mistake or an attack.
constexpr size_t kMaxTests = 200'000;
// The maximum depth of nested arrays in one item.
constexpr int kMaxElementDepth = 8;

// Returns the number of tests and identifiers in an expression. A long string counts as several
// tests, and an identifier counts once for each use. Stops counting soon after reaching `limit`.
size_t CountTests(const Expression& expression, size_t limit) {
  size_t count = 1;
  for (const Test& test : expression.tests) {
    count += 1 + test.text.size() / 100;
    for (const GlobPart& part : test.glob) count += part.text.size() / 100;
  }
  for (const ExpressionPtr& child : expression.children) {
    if (count > limit) return count;
    count += CountTests(*child, limit - count);
  }
  return count;
}

ExpressionPtr Parent(Expression::Kind kind, std::string label,
                     std::vector<ExpressionPtr> children) {
  auto parent = std::make_shared<Expression>();
  parent->kind = kind;
  parent->label = std::move(label);
  parent->children = std::move(children);
  return parent;
}

// One step of a path, such as `Field[any]`. The step enters the arrays in a field and selects the
// elements to test.
struct ElementStep {
  std::string field;
  Quantifier quantifier = Quantifier::kAny;
  int index = 0;
};

struct FieldPath {
  std::vector<ElementStep> steps;
  // The field to test in the elements that the last step selects. Without steps, it is a field of
  // the event or the enclosing element. Empty if the key ends with `]`: then, the element itself is
  // tested.
  std::string field;
  size_t offset = 0;  // position of `field` in the key
};

std::optional<ElementStep> ParseQuantifier(std::string_view text) {
  ElementStep step;
  if (text == "any") {
    step.quantifier = Quantifier::kAny;
  } else if (text == "all") {
    step.quantifier = Quantifier::kAll;
  } else if (text == "all_or_empty") {
    step.quantifier = Quantifier::kAllOrEmpty;
  } else if (text == "none") {
    step.quantifier = Quantifier::kNone;
  } else {
    step.quantifier = Quantifier::kIndex;
    if (text.starts_with('+') || !absl::SimpleAtoi(ToAbsl(text), &step.index)) return std::nullopt;
  }
  return step;
}

struct PathError {
  size_t offset = 0;
  std::string message;
};

// Parses `text`, which is a key without its modifiers, such as "a[any].b[0]". The text consists of
// any number of steps into arrays, and of the name of a field. After a step, the name may be
// missing. `\[` and `\]` are brackets that are part of a name.
bool ParseFieldPath(std::string_view text, FieldPath& path, PathError& error) {
  const auto fail = [&error](size_t offset, std::string message) {
    error = {offset, std::move(message)};
    return false;
  };
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && (text[i + 1] == '[' || text[i + 1] == ']')) {
      path.field += text[i + 1];
      i += 2;
      continue;
    }
    if (c == ']')
      return fail(i, "']' closes nothing: write '\\]' if the bracket is part of the name");
    if (c != '[') {
      path.field += c;
      ++i;
      continue;
    }
    const size_t close = text.find(']', i);
    if (close == std::string_view::npos) {
      return fail(i, "'[' is not closed: write '\\[' if the bracket is part of the name");
    }
    const std::string_view quantifier = text.substr(i + 1, close - i - 1);
    std::optional<ElementStep> step = ParseQuantifier(quantifier);
    if (!step.has_value()) {
      return fail(i,
                  absl::StrCat(
                      "'[", ToAbsl(quantifier),
                      "]' is unknown: write [any], [all], [none], [all_or_empty], a "
                      "position such as [0] or [-1], or '\\[' if the bracket is part of the name"));
    }
    // In a path such as "a[any][0]", each element of `a` is itself an array. The second step enters
    // this array.
    if (path.field.empty()) {
      if (path.steps.empty()) return fail(i, "there is no field name before '['");
      path.field = kElementItself;
    }
    step->field = std::move(path.field);
    path.field.clear();
    path.steps.push_back(std::move(*step));
    i = close + 1;
    path.offset = i;
    if (i == text.size() || text[i] == '[') continue;
    if (text[i] != '.' || i + 1 == text.size()) {
      return fail(
          i, "']' must be followed by the end of the name, '[', or '.' and a key of the element");
    }
    path.offset = ++i;
  }
  return true;
}

class BlockReader {
 public:
  BlockReader(const DetectionBlockOptions& options, std::vector<ItemFault>& faults)
      : options_(options), faults_(faults) {}

  ExpressionPtr Read(const YamlNode& block) {
    ExpressionPtr expression = ReadSearch(options_.name, block);
    if (has_error_) return nullptr;
    if (CountTests(*expression, kMaxTests) > kMaxTests) {
      Reject(block, absl::StrCat("the rule has more than ", kMaxTests,
                                 " tests, or long strings that count as that many"));
      return nullptr;
    }
    return expression;
  }

 private:
  // The methods below report an error before they return null. They continue after an error, so
  // that one run reports all errors.

  ExpressionPtr Reject(const YamlNode& node, std::string message) {
    return Reject(node.line, node.column, std::move(message));
  }
  ExpressionPtr Reject(int line, int column, std::string message) {
    has_error_ = true;
    faults_.push_back({line, column, std::move(message)});
    return nullptr;
  }
  void Warn(const YamlNode& node, std::string message) {
    faults_.push_back({node.line, node.column, std::move(message), RuleFault::Severity::kWarning});
  }

  // Reads a block of identifiers and a condition that combines the identifiers.
  ExpressionPtr ReadSearch(std::string_view name, const YamlNode& block) {
    if (!block.IsMap()) return Reject(block, absl::StrCat("'", ToAbsl(name), "' must be a map"));
    Identifiers identifiers;
    std::vector<const YamlNode*> keys;
    const YamlNode* condition = nullptr;
    for (const auto& [key, value] : block.pairs) {
      if (key.text == "condition") {
        condition = &value;
      } else if (key.text == "timeframe") {
        Reject(key,
               "'timeframe' belongs to aggregations, which are not part of Sigma 2: write a "
               "correlation document");
      } else if (key.text != options_.other_key || element_depth_ > 0) {
        ExpressionPtr expression = ReadIdentifier(key, value);
        // Keep the name of an invalid identifier, so that the condition parser does not report this
        // identifier as unknown.
        if (expression == nullptr) expression = std::make_shared<Expression>();
        identifiers.push_back({key.text, std::move(expression)});
        keys.push_back(&key);
      }
    }
    if (condition == nullptr) {
      return Reject(block, absl::StrCat("'", ToAbsl(name), "' has no 'condition'",
                                        HintAboutOutdented("condition")));
    }
    ExpressionPtr expression = ReadConditions(*condition, identifiers);
    if (expression == nullptr) return nullptr;
    if (!has_error_) WarnAboutLogic(*condition, *expression);
    for (size_t i = 0; i < identifiers.size(); ++i) {
      if (identifiers[i].is_used) continue;
      Warn(*keys[i], absl::StrCat("the condition does not use '", identifiers[i].name, "'"));
    }
    return expression;
  }

  // Returns the end of an error message if a missing part of the block is in the document, but
  // outside the block.
  std::string HintAboutOutdented(std::string_view key) const {
    const YamlNode* const outside = options_.outer == nullptr ? nullptr : options_.outer->Find(key);
    if (outside == nullptr || element_depth_ > 0) return "";
    return absl::StrCat(": the one in line ", outside->line, " is outside '", ToAbsl(options_.name),
                        "'; indent it");
  }

  void WarnAboutLogic(const YamlNode& node, const Expression& expression) {
    switch (LogicOf(expression)) {
      case Logic::kNever:
        return Warn(node, "the condition contradicts itself, so no event matches");
      case Logic::kAlways:
        return Warn(node, "the condition holds for every event");
      case Logic::kDepends:
        return;
    }
  }

  ExpressionPtr ReadConditions(const YamlNode& node, Identifiers& identifiers) {
    if (node.IsScalar()) return ReadCondition(node, identifiers);
    if (!node.IsList() || node.items.empty()) {
      return Reject(node, "'condition' must be a string or a list of strings");
    }
    std::vector<ExpressionPtr> any;
    for (const YamlNode& item : node.items) {
      ExpressionPtr each = item.IsScalar()
                               ? ReadCondition(item, identifiers)
                               : Reject(item, "'condition' must be a string or a list of strings");
      if (each != nullptr) any.push_back(std::move(each));
    }
    if (any.size() != node.items.size()) return nullptr;
    return Parent(Expression::Kind::kOr, "", std::move(any));
  }

  ExpressionPtr ReadCondition(const YamlNode& node, Identifiers& identifiers) {
    std::vector<ConditionFault> faults;
    ExpressionPtr expression = ParseCondition(node.text, identifiers, faults);
    // If the condition has several lines, the column of an error is unknown. Report the beginning
    // of the condition instead.
    const bool one_line = node.text.find('\n') == std::string::npos;
    for (ConditionFault& fault : faults) {
      if (!fault.identifier.empty()) fault.message += HintAboutOutdented(fault.identifier);
      const size_t offset = one_line ? fault.offset + (node.quoted ? 1 : 0) : 0;
      faults_.push_back({node.line, node.column + static_cast<int>(offset),
                         std::move(fault.message), fault.severity});
    }
    if (expression == nullptr) has_error_ = true;
    return expression;
  }

  ExpressionPtr ReadIdentifier(const YamlNode& key, const YamlNode& value) {
    if (key.text.empty()) return Reject(key, "an identifier has no name");
    if (value.IsMap()) return ReadMap(key.text, value);
    if (value.IsScalar()) return ReadKeywords(key, value);
    if (value.items.empty())
      return Reject(value, absl::StrCat("'", key.text, "' is an empty list"));
    // A list is an OR of its items. Among the items, a map is a block of search items, and a scalar
    // is a keyword.
    std::vector<ExpressionPtr> any;
    YamlNode keywords;
    keywords.kind = YamlNode::Kind::kList;
    keywords.line = value.line;
    keywords.column = value.column;
    bool is_valid = true;
    const auto add = [&](const YamlNode& item) {
      if (item.IsScalar()) {
        keywords.items.push_back(item);
      } else if (item.IsMap()) {
        any.push_back(ReadMap(key.text, item));
        is_valid &= any.back() != nullptr;
      } else {
        Reject(item, absl::StrCat("'", key.text, "' has lists nested more than once"));
        is_valid = false;
      }
    };
    for (const YamlNode& item : value.items) {
      if (!item.IsList()) {
        add(item);
        continue;
      }
      for (const YamlNode& nested : item.items) add(nested);
    }
    if (!keywords.items.empty()) {
      any.push_back(ReadKeywords(key, keywords));
      is_valid &= any.back() != nullptr;
    }
    if (!is_valid) return nullptr;
    if (any.empty()) return Reject(value, absl::StrCat("'", key.text, "' is an empty list"));
    return Parent(Expression::Kind::kOr, key.text, std::move(any));
  }

  ExpressionPtr ReadKeywords(const YamlNode& key, const YamlNode& value) {
    YamlNode no_field;
    no_field.line = key.line;
    no_field.column = key.column;
    return Build(no_field, value);
  }

  ExpressionPtr ReadMap(const std::string& label, const YamlNode& map) {
    if (map.pairs.empty()) return Reject(map, absl::StrCat("'", label, "' is empty"));
    std::vector<ExpressionPtr> all;
    for (const auto& [key, value] : map.pairs) {
      ExpressionPtr item = ReadItem(key, value);
      if (item != nullptr) all.push_back(std::move(item));
    }
    if (all.size() != map.pairs.size()) return nullptr;
    return Parent(Expression::Kind::kAnd, label, std::move(all));
  }

  ExpressionPtr Build(const YamlNode& key, const YamlNode& value) {
    ExpressionPtr expression = BuildItem(key, value, nullptr, faults_);
    if (expression == nullptr) has_error_ = true;
    return expression;
  }

  // ---- arrays ----

  ExpressionPtr ReadItem(const YamlNode& key, const YamlNode& value) {
    const size_t bar = key.text.find('|');
    const std::string_view name = std::string_view(key.text).substr(0, bar);
    if (options_.sigma_version < 3) {
      WarnAboutBrackets(key, name);
      return Build(key, value);
    }
    FieldPath path;
    PathError error;
    const int begin = key.column + (key.quoted ? 1 : 0);
    if (!ParseFieldPath(name, path, error)) {
      return Reject(key.line, begin + static_cast<int>(error.offset), std::move(error.message));
    }
    const bool leaves_event = element_depth_ == 0 && path.steps.empty();
    if (leaves_event && path.field == kElementItself) {
      return Reject(key, "'.' is the element of an array and is only valid in 'Field[any]:'");
    }
    const int depth = element_depth_;
    element_depth_ += static_cast<int>(path.steps.size());
    ExpressionPtr expression;
    if (element_depth_ > kMaxElementDepth) {
      Reject(key, absl::StrCat("more than ", kMaxElementDepth, " arrays in arrays"));
    } else {
      expression = ReadElementItem(key, path, name.size(), value);
    }
    element_depth_ = depth;
    if (expression == nullptr) return nullptr;
    for (size_t i = path.steps.size(); i-- > 0;) {
      auto elements = std::make_shared<Expression>();
      elements->kind = Expression::Kind::kElements;
      elements->field = path.steps[i].field;
      elements->quantifier = path.steps[i].quantifier;
      elements->index = path.steps[i].index;
      elements->children.push_back(std::move(expression));
      elements->label = key.text;
      expression = std::move(elements);
    }
    return expression;
  }

  // Reads the condition on an element that the last step of `path` selects. This condition is a
  // block of items, a test of the element itself, or a test of one of its fields. If `path` has no
  // steps, reads a test of a field of the event or of the enclosing element.
  ExpressionPtr ReadElementItem(const YamlNode& key, const FieldPath& path, size_t name_size,
                                const YamlNode& value) {
    const bool is_itself = !path.steps.empty() && path.field.empty();
    const bool is_block =
        value.IsMap() || (value.IsList() && !value.items.empty() && value.items[0].IsMap());
    if (is_itself && is_block) {
      if (name_size != key.text.size()) {
        return Reject(key, absl::StrCat("'", key.text,
                                        "' has a block of items, which takes no modifiers: write "
                                        "them on the items"));
      }
      return ReadElementBlock(key, value);
    }
    YamlNode inner = key;
    inner.text =
        absl::StrCat(is_itself ? kElementItself.data() : path.field, key.text.substr(name_size));
    inner.column += static_cast<int>(path.offset) + (key.quoted ? 1 : 0) - (is_itself ? 1 : 0);
    inner.quoted = false;
    const std::vector<absl::string_view> modifiers =
        absl::StrSplit(ToAbsl(key.text).substr(name_size), '|');
    if (std::find(modifiers.begin(), modifiers.end(), "fieldref") == modifiers.end()) {
      return Build(inner, value);
    }
    YamlNode references = value;
    if (!ReadReferences(references)) return nullptr;
    return Build(inner, references);
  }

  // Removes the escapes from the field names in the value of `fieldref`. A name must denote a field
  // of the event or of the same element, so steps into an array are an error.
  bool ReadReferences(YamlNode& value) {
    bool is_valid = true;
    for (YamlNode& item : value.items) is_valid &= ReadReferences(item);
    if (!value.IsScalar()) return is_valid;
    FieldPath path;
    PathError error;
    const int begin = value.column + (value.quoted ? 1 : 0);
    if (!ParseFieldPath(value.text, path, error)) {
      Reject(value.line, begin + static_cast<int>(error.offset), std::move(error.message));
      return false;
    }
    if (!path.steps.empty()) {
      Reject(value, absl::StrCat("'fieldref' takes the name of a field, and '", value.text,
                                 "' are the elements of an array: compare inside 'Field[any]:', or "
                                 "write '\\[' if the bracket is part of the name"));
      return false;
    }
    value.text = path.field;
    return true;
  }

  // Reads the block that an element must fulfil. The block consists of search items, or of
  // identifiers and a condition that combines the identifiers.
  ExpressionPtr ReadElementBlock(const YamlNode& key, const YamlNode& value) {
    if (value.Find("condition") != nullptr) return ReadSearch(key.text, value);
    if (value.IsMap()) return ReadMap(key.text, value);
    std::vector<ExpressionPtr> any;
    for (const YamlNode& item : value.items) {
      ExpressionPtr each =
          item.IsMap()
              ? ReadMap(key.text, item)
              : Reject(item, absl::StrCat("'", key.text, "' may hold maps or values, not both"));
      if (each != nullptr) any.push_back(std::move(each));
    }
    if (any.size() != value.items.size()) return nullptr;
    return Parent(Expression::Kind::kOr, key.text, std::move(any));
  }

  void WarnAboutBrackets(const YamlNode& key, std::string_view name) {
    const size_t open = name.find('['), close = name.find(']', open);
    if (close == std::string_view::npos ||
        !ParseQuantifier(name.substr(open + 1, close - open - 1)).has_value()) {
      return;
    }
    Warn(key, absl::StrCat("the brackets of '", ToAbsl(name),
                           "' are part of the name: write 'sigma-version: 3' to test the elements "
                           "of an array"));
  }

  const DetectionBlockOptions& options_;
  std::vector<ItemFault>& faults_;
  bool has_error_ = false;
  int element_depth_ = 0;
};

}  // namespace

ExpressionPtr ReadDetectionBlock(const YamlNode& block, const DetectionBlockOptions& options,
                                 std::vector<ItemFault>& faults) {
  return BlockReader(options, faults).Read(block);
}

}  // namespace picket::sigma
